using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Distributed;

/// <summary>What a chunk makes of an entry that is done twice, and of two with the same key.</summary>
public sealed class BatchChunkTests
{
    [Theory]
    [InlineData(CommandStatus.Sent, 1)]
    [InlineData(CommandStatus.WaitingInBacklog, 0)]
    public async Task Settle_SecondAttemptIsRefused_TheFirstMayStillArrive(CommandStatus first, int left)
    {
        await using var cache = NewCache();
        await ExecuteAsync(cache, [new RedisTimeoutException(CommandFlags.None, "", first)], again: Refusal);
        Assert.Equal(1, cache.State().JournalLength);

        // A write that succeeds ends the matter, unless an earlier one may still arrive.
        cache.Executor.Settle(OperationKind.Set, "key", isAnswered: true, fault: null, cache.Executor.MissedChanges);
        Assert.Equal(left, cache.State().JournalLength);
    }

    [Theory]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 0)]
    public async Task Remember_TwoOfOneKey_WhatTheLastBecameCounts(bool isFirstStored, bool isSecondStored, int left)
    {
        await using var cache = NewCache();
        await ExecuteAsync(cache, [isFirstStored ? null : Refusal, isSecondStored ? null : Refusal]);

        Assert.Equal(left, cache.State().JournalLength);
    }

    private static RedisServerException Refusal => new(RedisErrorKind.OutOfMemory, CommandFlags.None, "");

    private static PrimaRedisCache NewCache() => new(new PrimaRedisCacheOptions { ConnectionMultiplexerFactory = static () => throw new InvalidOperationException() });

    private static async Task ExecuteAsync(PrimaRedisCache cache, Exception?[] faults, Exception? again = null)
    {
        var chunk = new SettledChunk(cache.Context, cache.Executor, faults, again);
        Array.ForEach(faults, _ => chunk.Add("key"));
        await chunk.ExecuteAsync(new BatchResult(faults.Length));
    }

    /// <summary>Entries that are stored, or met a fault; those are done again if that is to meet another.</summary>
    private sealed class SettledChunk(EntryContext context, RedisExecutor executor, Exception?[] faults, Exception? again) : BatchChunk<string>(context, executor, new(Entries: 2, Bytes: 1024))
    {
        public override string Name => "set-many";

        protected override OperationKind Kind => OperationKind.Set;

        protected override int EntriesPerCommand => 1;

        protected override string? KeyOf(string item) => item;

        protected override Exception? Prepare(int position)
        {
            if (faults[position] is not { } fault)
            {
                Settle(position, BatchOutcome.Stored);
                return null;
            }

            Settle(position, fault);
            if (again is not null)
            {
                Redo(position);
            }

            return null;
        }

        protected override Task RedoAsync(int position)
        {
            Settle(position, new Attempt<bool>(default, again, IsSkipped: false), BatchOutcome.Stored);
            return Task.CompletedTask;
        }

        protected override void WriteSingle(RespRequest request, int position) => throw new NotSupportedException();

        protected override void ReadSingle(RespResult reply, int position, List<TtlExtension> extensions) => throw new NotSupportedException();

        protected override void WriteGroup(RespRequest request, IEnumerable<int> positions) => throw new NotSupportedException();

        protected override void ReadGroup(RespResult reply, IEnumerable<int> positions, List<TtlExtension> extensions) => throw new NotSupportedException();
    }
}
