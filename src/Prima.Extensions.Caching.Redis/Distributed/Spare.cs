namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Keeps one object for the next who needs one. More at a time are made, and forgotten.</summary>
internal sealed class Spare<T>(Func<T> create)
    where T : class
{
    private T? _spare;

    public T Take() => Interlocked.Exchange(ref _spare, null) ?? create();

    public void Return(T used) => Volatile.Write(ref _spare, used);
}
