using Microsoft.Extensions.Logging;

namespace Prima.Extensions.Caching.Redis.Tests;

/// <summary>Keeps what is logged, whatever the category.</summary>
internal sealed class RecordingLoggerFactory : ILoggerFactory
{
    public RecordingLogger Logger { get; } = new();

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => Logger;

    public void Dispose()
    {
    }
}
