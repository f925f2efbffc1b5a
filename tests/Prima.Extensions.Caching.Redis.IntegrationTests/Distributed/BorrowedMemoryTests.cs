using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Distributed;

/// <summary>Memory that a caller lends belongs to the caller again when the call has ended, however it ended.</summary>
public sealed class BorrowedMemoryTests
{
    private const byte Poison = 0xDD;

    [Theory]
    [InlineData(EntryLayout.Hash, true)]
    [InlineData(EntryLayout.Hash, false)]
    [InlineData(EntryLayout.String, true)]
    [InlineData(EntryLayout.String, false)]
    public async Task Set_GivenUpWhileRedisHangs_NeverWritesWhatTheBufferHoldsLater(EntryLayout layout, bool cancel)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration, layout);
        var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };
        await ((IBufferDistributedCache)cache).SetAsync("first", new ReadOnlySequence<byte>([1]), options);

        server.Suspend();
        var buffers = Enumerable.Range(0, 200).Select(static i => Enumerable.Repeat((byte)(i % 100), 4096).ToArray()).ToArray();
        await Task.WhenAll(buffers.Select(async (buffer, i) =>
        {
            using var cancellation = new CancellationTokenSource(cancel ? TimeSpan.FromMilliseconds(50) : Timeout.InfiniteTimeSpan);
            var set = ((IBufferDistributedCache)cache).SetAsync($"k{i}", new ReadOnlySequence<byte>(buffer), options, cancellation.Token).AsTask();
            await Assert.ThrowsAnyAsync<Exception>(() => set);

            // The caller's pool hands the buffer to somebody else.
            Array.Fill(buffer, Poison);
        }));
        server.Resume();

        await Poll.UntilAsync("Redis answers again", TimeSpan.FromSeconds(20), async () => await cache.GetAsync("first") is not null);
        for (var i = 0; i < buffers.Length; i++)
        {
            if (await cache.GetAsync($"k{i}") is { } stored)
            {
                Assert.All(stored, value => Assert.Equal((byte)(i % 100), value));
            }
        }
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task TryGet_Cancelled_NeverTouchesTheDestinationLater(EntryLayout layout)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await using var cache = Create(proxy.Configuration, layout);
        await cache.SetAsync("k", new byte[4096], new());

        proxy.AnswerDelay = TimeSpan.FromMilliseconds(500);
        var destination = new GuardedWriter();
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ((IBufferDistributedCache)cache).TryGetAsync("k", destination, cancellation.Token).AsTask());
        destination.IsReturned = true;

        // A later reply on the same connection: the abandoned one has arrived before it.
        Assert.NotNull(await cache.GetAsync("k"));
        Assert.False(destination.WasTouchedAfterReturn);
    }

    private static PrimaRedisCache Create(string configuration, EntryLayout layout) => new(new PrimaRedisCacheOptions
    {
        Configuration = configuration,
        Layout = layout,
        FailureMode = FailureMode.Throw,
        CommandTimeout = TimeSpan.FromSeconds(1),
    });

    private sealed class GuardedWriter : IBufferWriter<byte>
    {
        private readonly byte[] _buffer = new byte[8192];

        public bool IsReturned { get; set; }

        public bool WasTouchedAfterReturn { get; private set; }

        public void Advance(int count) => WasTouchedAfterReturn |= IsReturned;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            WasTouchedAfterReturn |= IsReturned;
            return _buffer;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
