using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>One kind of call on a cache, with the loop that a caller makes it in: nothing is between the loop and the cache.</summary>
internal abstract class Operation
{
    public static readonly IReadOnlyList<Operation> All =
        [new GetOperation(), new TryGetOperation(), new SetOperation(), new SetBufferOperation(), new RefreshOperation(), new RemoveOperation()];

    public abstract string Name { get; }

    public abstract Ability Needs { get; }

    /// <summary>Whether it makes a difference how the entry expires.</summary>
    public virtual bool KnowsExpiry => true;

    public abstract Task RunAsync(Rival rival, Caller caller, Expiry expiry);

    /// <summary>Throws unless the key is in the cache, or not in it, as it must be after the operation.</summary>
    public virtual async Task CheckAsync(Rival rival, string key, byte[] value)
    {
        if (await rival.GetAsync(key) is not { } stored || !stored.AsSpan().SequenceEqual(value))
        {
            throw new InvalidOperationException($"{rival} does not have after {Name} what was stored.");
        }
    }
}
