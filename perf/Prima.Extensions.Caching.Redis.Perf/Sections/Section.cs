using Prima.Extensions.Caching.Redis.Perf.Results;

namespace Prima.Extensions.Caching.Redis.Perf.Sections;

/// <summary>A part of a full run: tried out in every test run, measured in a full one.</summary>
internal abstract class Section(string name)
{
    public string Name => name;

    /// <summary>The parts that can be tried out singly.</summary>
    public abstract IReadOnlyList<string> Cases { get; }

    /// <summary>Does everything of a case once, and throws where a result is wrong.</summary>
    public abstract Task TryOutAsync(string name);

    public abstract Task<SectionResult> MeasureAsync();
}
