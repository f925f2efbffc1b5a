using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>What the library's instruments measure, of one meter factory, so that tests beside each other do not count each other's operations.</summary>
internal sealed class RecordedMetrics : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Recorded> _recorded = [];
    private readonly ConcurrentQueue<Instrument> _instruments = [];

    /// <param name="factory">The meter factory; <see langword="null"/> = meters that no factory made.</param>
    public RecordedMetrics(IMeterFactory? factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == PrimaRedisCacheTelemetry.MeterName && instrument.Meter.Scope == factory)
            {
                _instruments.Enqueue(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<Instrument> Instruments => [.. _instruments];

    public IReadOnlyList<Recorded> All => [.. _recorded];

    /// <summary>What an instrument has recorded by itself, or when it was last asked.</summary>
    public IReadOnlyList<Recorded> Of(string instrument) => [.. _recorded.Where(one => one.Instrument == instrument)];

    /// <summary>What an instrument that is asked has to say now.</summary>
    public IReadOnlyList<Recorded> Observe(string instrument)
    {
        var before = _recorded.Count;
        _listener.RecordObservableInstruments();
        return [.. _recorded.Skip(before).Where(one => one.Instrument == instrument)];
    }

    /// <summary>The sum of what an instrument that is asked has to say now; <see langword="null"/> where that is nothing.</summary>
    public double? ObserveSum(string instrument) => Observe(instrument) is { Count: > 0 } observed ? observed.Sum(static one => one.Value) : null;

    public void Clear() => _recorded.Clear();

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _recorded.Enqueue(new(instrument.Name, value, tags.ToArray().ToDictionary()));
}
