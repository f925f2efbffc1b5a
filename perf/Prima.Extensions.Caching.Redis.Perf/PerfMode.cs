namespace Prima.Extensions.Caching.Redis.Perf;

/// <summary>What this run is for: the variable <c>PRIMA_PERF</c>.</summary>
internal enum PerfMode
{
    /// <summary>Every case once, and its results are right. The default.</summary>
    Smoke,

    /// <summary>Measure, and write the report.</summary>
    Full,

    /// <summary>Measure what has a floor, and fail below it.</summary>
    Gate,
}
