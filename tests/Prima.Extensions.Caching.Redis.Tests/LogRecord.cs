using Microsoft.Extensions.Logging;

namespace Prima.Extensions.Caching.Redis.Tests;

internal sealed record LogRecord(LogLevel Level, int EventId, string Message, Exception? Exception);
