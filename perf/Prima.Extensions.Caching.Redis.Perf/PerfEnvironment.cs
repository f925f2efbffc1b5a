namespace Prima.Extensions.Caching.Redis.Perf;

/// <summary>The variables that a run is given.</summary>
internal static class PerfEnvironment
{
    public static PerfMode Mode { get; } = Environment.GetEnvironmentVariable("PRIMA_PERF") switch
    {
        null or "" or "smoke" => PerfMode.Smoke,
        "full" => PerfMode.Full,
        "gate" => PerfMode.Gate,
        var other => throw new InvalidOperationException($"PRIMA_PERF is '{other}'. Allowed: smoke, full, gate."),
    };

    /// <summary>The server to measure against, as a StackExchange.Redis configuration; <see langword="null"/> = one is started.</summary>
    public static string? Server { get; } = Environment.GetEnvironmentVariable("PRIMA_PERF_REDIS") is { Length: > 0 } server ? server : null;

    public static void SkipUnless(PerfMode mode) => Assert.SkipUnless(Mode == mode, $"PRIMA_PERF={mode.ToString().ToLowerInvariant()} runs this.");
}
