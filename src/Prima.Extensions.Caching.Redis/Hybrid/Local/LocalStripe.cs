namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>What is under way for the keys of one stripe. Everything here is done under <see cref="Gate"/>.</summary>
internal sealed class LocalStripe
{
    private readonly Dictionary<string, ReadGuard> _underWay = new(StringComparer.Ordinal);
    private long _writes;

    public Lock Gate { get; } = new();

    /// <summary>Those under way for <paramref name="key"/>, chained by <see cref="ReadGuard.Next"/>.</summary>
    public ReadGuard? UnderWay(string key) => _underWay.GetValueOrDefault(key);

    /// <summary>The number of the write that begins now.</summary>
    public long NextWrite() => ++_writes;

    public void Add(ReadGuard guard)
    {
        guard.Next = UnderWay(guard.Key);
        _underWay[guard.Key] = guard;
    }

    public void Remove(ReadGuard guard)
    {
        ReadGuard? previous = null;
        for (var present = UnderWay(guard.Key); present is not null; previous = present, present = present.Next)
        {
            if (present != guard)
            {
                continue;
            }

            if (previous is not null)
            {
                previous.Next = guard.Next;
            }
            else if (guard.Next is not null)
            {
                _underWay[guard.Key] = guard.Next;
            }
            else
            {
                _underWay.Remove(guard.Key);
            }

            return;
        }
    }
}
