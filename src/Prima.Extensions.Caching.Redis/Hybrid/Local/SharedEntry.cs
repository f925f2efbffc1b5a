namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>An entry whose one instance every reader gets.</summary>
internal sealed class SharedEntry<T>(T value) : LocalEntry
{
    public T Value => value;
}
