using Prima.Extensions.Caching.Redis.Hybrid;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid;

/// <summary>A source of invalidations for one node: nobody else writes, unless the test says so.</summary>
internal sealed class SwitchedSource : IInvalidationSource
{
    public string Name => "test";

    public bool IsDivided { get; set; }

    public bool IsArmedNow { get; set; } = true;

    public bool IsArmedForAll(long now)
    {
        Asked?.Invoke();
        return IsArmedNow && Unarmed.Count == 0;
    }

    /// <summary>Keys that are not armed, of a source that is divided.</summary>
    public HashSet<string> Unarmed { get; } = [];

    public List<string> Announced { get; } = [];

    public void Start(IInvalidationSink sink)
    {
    }

    /// <summary>Called when somebody asks whether it is armed, before the answer.</summary>
    public Action? Asked { get; set; }

    public bool IsArmed(string key)
    {
        Asked?.Invoke();
        return IsArmedNow && !Unarmed.Contains(key);
    }

    public void Announce(IReadOnlyList<string> keys)
    {
        lock (Announced)
        {
            Announced.AddRange(keys);
        }
    }

    public void AnnounceTag(string tag, long stamp)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
