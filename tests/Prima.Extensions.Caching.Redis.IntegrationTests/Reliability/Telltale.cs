using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>Keeps all that caches tell the world: log lines, exceptions, tags of metrics and of spans. Keys and values of its caches are marked, and must not be in it.</summary>
internal sealed class Telltale : ILoggerFactory, ILogger
{
    public const string KeyMark = "patient-4711";
    public const string ValueMark = "diagnosis-J45";

    private static readonly AsyncLocal<Telltale?> Current = new();

    private readonly ConcurrentQueue<LogLine> _log = [];
    private readonly ConcurrentQueue<string> _rest = [];
    private readonly CacheMetrics _metrics = new(null);
    private readonly MeterListener _meters = new();

    static Telltale() => ActivitySource.AddActivityListener(new()
    {
        ShouldListenTo = static source => source.Name == PrimaRedisCacheTelemetry.ActivitySourceName,
        Sample = static (ref ActivityCreationOptions<ActivityContext> _) => Current.Value is null ? ActivitySamplingResult.None : ActivitySamplingResult.AllDataAndRecorded,
        ActivityStopped = static activity => Current.Value?.Hear($"span {activity.DisplayName} {activity.StatusDescription} {Text([.. activity.TagObjects])} {Text([.. activity.Events.SelectMany(static e => e.Tags)])}"),
    });

    public Telltale()
    {
        Current.Value = this;
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _metrics.Duration.Meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>(HearMeasurement);
        _meters.SetMeasurementEventCallback<int>(HearMeasurement);
        _meters.SetMeasurementEventCallback<double>(HearMeasurement);
        _meters.Start();
    }

    public static byte[] Value(string what) => Encoding.ASCII.GetBytes($"{ValueMark} {what}");

    public static string Key(string what) => $"{KeyMark} {what}";

    /// <summary>The log so far.</summary>
    public IReadOnlyList<LogLine> Log => [.. _log];

    /// <summary>What was measured last, by instrument: the sum over all tags.</summary>
    public ConcurrentDictionary<string, double> Sums { get; } = new();

    public int Count(int eventId) => _log.Count(line => line.Id == eventId);

    public PrimaRedisCache CreateCache(PrimaRedisCacheOptions options) => new(options, "telltale", _metrics, this, TimeProvider.System);

    public void Hear(Exception exception) => _rest.Enqueue(exception.ToString());

    public void Hear(string told) => _rest.Enqueue(told);

    /// <summary>Looks through everything.</summary>
    public void AssertNothingWasGivenAway()
    {
        _meters.RecordObservableInstruments();
        Assert.NotEmpty(_rest);
        var told = _rest.Concat(_log.Select(static line => line.Text));
        Assert.DoesNotContain(told, static text => text.Contains(KeyMark, StringComparison.OrdinalIgnoreCase) || text.Contains(ValueMark, StringComparison.OrdinalIgnoreCase)
            || text.Contains(EscapedValueMark, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _meters.Dispose();
        _metrics.Dispose();
    }

    void ILoggerFactory.AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    ILogger ILoggerFactory.CreateLogger(string categoryName) => this;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue(new(logLevel, eventId.Id, $"{formatter(state, exception)} {exception}"));

    private static string EscapedValueMark { get; } = Convert.ToBase64String(Encoding.ASCII.GetBytes(ValueMark))[..12];

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}={value} ");
        }

        return text.ToString();
    }

    private void HearMeasurement<T>(Instrument instrument, T measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        _rest.Enqueue($"{instrument.Name} {Text(tags)}");
        Sums.AddOrUpdate(instrument.Name, static (_, more) => more, static (_, sum, more) => sum + more, Convert.ToDouble(measurement, CultureInfo.InvariantCulture));
    }

    internal sealed record LogLine(LogLevel Level, int Id, string Text);
}
