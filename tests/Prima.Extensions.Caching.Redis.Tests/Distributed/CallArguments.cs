using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis.Tests.Distributed;

/// <summary>Arguments of any call of a cache; those that a test does not change are valid.</summary>
internal sealed record CallArguments
{
    public string Key { get; init; } = "key";

    public byte[] Value { get; init; } = [1, 2, 3];

    public DistributedCacheEntryOptions Options { get; init; } = new();

    public IBufferWriter<byte> Destination { get; init; } = new ArrayBufferWriter<byte>();

    public CancellationToken Token { get; init; }
}
