using Prima.Extensions.Caching.Redis.Hybrid.Payloads;
using Prima.Extensions.Caching.Redis.Hybrid.Serialization;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>A value, with its bytes where they are needed.</summary>
/// <param name="value">The value.</param>
/// <param name="handling">How values of its type are kept.</param>
/// <param name="buffer">Its bytes for Redis; given back by <see cref="Dispose"/>.</param>
/// <param name="size">How many bytes it counts.</param>
internal readonly struct SerializedValue<T>(T value, TypeHandling<T> handling, PayloadBuffer? buffer, long size) : IDisposable
{
    public T Value => value;

    public TypeHandling<T> Handling => handling;

    public PayloadBuffer? Buffer => buffer;

    public long Size => size;

    /// <summary>The bytes that copies are made of; <see langword="null"/> for what is shared, and for what is too large.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; } = handling.IsShared || buffer is null ? null : (ReadOnlyMemory<byte>?)buffer.Written.ToArray();

    public void Dispose() => buffer?.Dispose();
}
