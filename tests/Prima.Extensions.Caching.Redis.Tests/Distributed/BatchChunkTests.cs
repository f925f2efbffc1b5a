using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Distributed;

/// <summary>What a chunk makes of an entry that is done twice.</summary>
public sealed class BatchChunkTests
{
    [Theory]
    [InlineData(CommandStatus.Sent, 1)]
    [InlineData(CommandStatus.WaitingInBacklog, 0)]
    public async Task Settle_SecondAttemptIsRefused_TheFirstMayStillArrive(CommandStatus first, int left)
    {
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { ConnectionMultiplexerFactory = static () => throw new InvalidOperationException() });
        var chunk = new RefusedChunk(cache.Context, cache.Executor, new RedisTimeoutException(CommandFlags.None, "", first));
        chunk.Add("key");

        await chunk.ExecuteAsync(new BatchResult(1));
        Assert.Equal(1, cache.State().JournalLength);

        // A write that succeeds ends the matter, unless an earlier one may still arrive.
        cache.Executor.Settle(OperationKind.Set, "key", isAnswered: true, fault: null, cache.Executor.MissedChanges);
        Assert.Equal(left, cache.State().JournalLength);
    }

    private sealed class RefusedChunk(EntryContext context, RedisExecutor executor, Exception first) : BatchChunk<string>(context, executor, new(Entries: 1, Bytes: 1024))
    {
        public override string Name => "set-many";

        protected override OperationKind Kind => OperationKind.Set;

        protected override int EntriesPerCommand => 1;

        protected override string? KeyOf(string item) => item;

        protected override Exception? Prepare(int position)
        {
            Settle(position, first);
            Redo(position);
            return null;
        }

        protected override Task RedoAsync(int position)
        {
            var refused = new RedisServerException(RedisErrorKind.OutOfMemory, CommandFlags.None, "");
            Settle(position, new Attempt<bool>(default, refused, IsSkipped: false), BatchOutcome.Stored);
            return Task.CompletedTask;
        }

        protected override void WriteSingle(RespRequest request, int position) => throw new NotSupportedException();

        protected override void ReadSingle(RespResult reply, int position, List<TtlExtension> extensions) => throw new NotSupportedException();

        protected override void WriteGroup(RespRequest request, IEnumerable<int> positions) => throw new NotSupportedException();

        protected override void ReadGroup(RespResult reply, IEnumerable<int> positions, List<TtlExtension> extensions) => throw new NotSupportedException();
    }
}
