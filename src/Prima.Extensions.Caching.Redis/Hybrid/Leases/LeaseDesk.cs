using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>Hands out leases: of all nodes that miss an entry one makes it, and nothing that was set or removed meanwhile is overwritten.</summary>
/// <remarks>
/// After R. Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.2.1.
/// 1. A miss claims the lease: the first holds it, the others join its list. 2. The holder lengthens it while it makes the value, so it can be short: when the
/// holder dies it ends soon. 3. The fill writes only while the lease stands. 4. Every set and removal ends the lease in the step that writes.
/// 5. Whoever ends it tells those on the list. 6. What a lease cannot see, because its key is in another slot, is the removal of a tag:
/// what is filled was created when its making began, and a tag's stamp is younger than that.
/// </remarks>
internal class LeaseDesk(PrimaRedisCache cache, TimeSpan duration, ILogger logger, TimeProvider time) : IAsyncDisposable
{
    /// <summary>For "seen": whatever there is.</summary>
    public static readonly ReadOnlyMemory<byte> SeenAnything = Encoding.ASCII.GetBytes(LeaseScripts.SeenAnything);

    private const int RenewalsPerDuration = 3;
    private static readonly TimeSpan DeafWait = TimeSpan.FromMilliseconds(100);

    private readonly WakeChannel _wake = new(cache.Executor.Connections, logger, time);
    private readonly byte[] _instanceName = cache.Context.InstanceName;

    /// <summary>Whether this node would be told of a lease's end. If not, who waits asks now and then.</summary>
    public bool IsOpen => _wake.IsOpen;

    /// <summary>How many on this node wait for a lease to end.</summary>
    public int WaitingCount => _wake.WaitingCount;

    /// <summary>Called after an entry was removed whose removal or overwrite Redis had missed.</summary>
    public Action<string>? RemovedLate { get; set; }

    /// <summary>Begins to listen. Never waits for Redis.</summary>
    public void Start()
    {
        // A fill that began before a removal that Redis missed must not come after it.
        cache.Executor.Removal = RemoveAsync;
        _wake.Start();
    }

    /// <summary>Claims the lease of <paramref name="key"/>, after a read that found no entry, or an unfit one.</summary>
    /// <param name="key">The key, without the instance name.</param>
    /// <param name="seen">How the value began that was found unfit, at most 12 bytes, empty = there was none: so that an entry that came in between is not missed. Or <see cref="SeenAnything"/>.</param>
    /// <param name="token">Ends the wait for Redis.</param>
    public async ValueTask<Lease> TakeAsync(string key, ReadOnlyMemory<byte> seen, CancellationToken token)
    {
        var lease = new Lease(key, KeysOf(key), _wake.NextClaim(), seen);
        if (_wake.IsRefused)
        {
            lease.State = LeaseState.Unsupported;
            return lease;
        }

        // Before the claim: the message may come before its answer.
        _wake.Add(lease);
        long? answer;
        try
        {
            answer = await AskAsync(LeaseScripts.Take, lease, token).ConfigureAwait(false);
        }
        catch
        {
            Leave(lease);
            Release(lease);
            throw;
        }

        if (answer is >= 0)
        {
            lease.State = LeaseState.Busy;
            lease.Remaining = TimeSpan.FromMilliseconds(answer.Value);
            return lease;
        }

        _wake.Forget(lease);
        switch (answer)
        {
            case LeaseScripts.Held:
                lease.State = LeaseState.Held;
                KeepUp(lease);
                break;
            case LeaseScripts.Changed:
                lease.State = LeaseState.Changed;
                break;
            case LeaseReply.Refused:
                lease.State = LeaseState.Unsupported;
                _wake.Refuse("EVAL");
                break;
            case null:
                // Redis may carry the claim out all the same, now or later.
                Release(lease);
                break;
        }

        return lease;
    }

    /// <summary>Waits until somebody else's lease ended, by a fill or otherwise. Then the entry is to be read again.</summary>
    public async ValueTask WaitAsync(Lease lease, CancellationToken token)
    {
        try
        {
            var longest = IsOpen || lease.Remaining < DeafWait ? lease.Remaining : DeafWait;
            await lease.Ended.WaitAsync(longest, time, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The holder died, or went on; the next claim tells.
        }
        finally
        {
            Leave(lease);
        }
    }

    /// <summary>Does not wait, or not any longer, for somebody else's lease to end.</summary>
    public void Leave(Lease? lease)
    {
        if (lease is not null)
        {
            _wake.Forget(lease);
        }
    }

    /// <summary>Writes what was made under a lease that is held, and ends it.</summary>
    public virtual async ValueTask<FillResult> FillAsync(Lease lease, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token)
    {
        try
        {
            var write = cache.Write(lease.Key, value, options);
            return await cache.Executor.ExecuteAsync<FillOperation, FillResult>(new(write, cache.Context.Layout, lease.Keys, lease.Claim, lease.Seen), token).ConfigureAwait(false);
        }
        finally
        {
            lease.StopRenewal();
        }
    }

    /// <summary>Ends a lease that is held without a value: the factory failed, or its value is not to be kept. Those who wait go on.</summary>
    public async ValueTask ReleaseAsync(Lease lease)
    {
        lease.StopRenewal();
        await AskAsync(LeaseScripts.Release, lease, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The same, and nobody waits for it.</summary>
    public void Release(Lease lease) => ReleaseAsync(lease).AsTask().Ignore();

    /// <summary>Sets an entry. Who makes a value for it at the moment will not overwrite it.</summary>
    /// <returns>Whether it is known to be written.</returns>
    public ValueTask<bool> SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token)
    {
        var write = cache.Write(key, value, options);
        return cache.Executor.ExecuteAsync<VoidingWriteOperation, bool>(new(write, cache.Context.Layout, KeysOf(key)), token);
    }

    /// <summary>Removes an entry. Who makes a value for it at the moment will not bring it back.</summary>
    /// <returns>Whether it is known to be gone.</returns>
    public ValueTask<bool> RemoveAsync(string key, CancellationToken token) =>
        cache.Executor.ExecuteAsync<VoidingRemoveOperation, bool>(new(cache.Removal(key), KeysOf(key)), token);

    /// <summary>Whether there is an entry that begins with <paramref name="beginning"/>, without reading it; <see langword="null"/> = that could not be asked.</summary>
    public async ValueTask<bool?> BeginsWithAsync(string key, ReadOnlyMemory<byte> beginning) =>
        _wake.IsRefused ? null : await AskAsync(LeaseScripts.Compare, new Lease(key, KeysOf(key), claim: "", beginning), CancellationToken.None).ConfigureAwait(false) switch
        {
            1 => true,
            0 => false,
            _ => null,
        };

    public ValueTask DisposeAsync() => _wake.DisposeAsync();

    private async ValueTask<Attempt<bool>> RemoveAsync(RedisKey redisKey)
    {
        byte[] bytes = redisKey!;
        var key = Encoding.UTF8.GetString(bytes.AsSpan(_instanceName.Length));
        var attempt = await cache.Executor.TryExecuteAsync<VoidingRemoveOperation, bool>(new(new(redisKey), KeysOf(key))).ConfigureAwait(false);
        if (attempt.IsAnswered)
        {
            RemovedLate?.Invoke(key);
        }

        return attempt;
    }

    private LeaseKeys KeysOf(string key) => new(cache.Context.RedisKey(key), LeaseKey.Of(_instanceName, key));

    private async ValueTask<long?> AskAsync(RespScript script, Lease lease, CancellationToken token)
    {
        try
        {
            var operation = new LeaseOperation(script, lease.Keys, lease.Claim, (long)duration.TotalMilliseconds, lease.Seen);
            return await cache.Executor.ExecuteAsync<LeaseOperation, long?>(operation, token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is RedisException or RedisCommandException or TimeoutException || (fault is OperationCanceledException && !token.IsCancellationRequested))
        {
            // FailureMode.Throw is about the cache's operations. Without a lease there is still the value.
            return null;
        }
    }

    private void KeepUp(Lease lease)
    {
        var interval = duration / RenewalsPerDuration;
        using (Background.Begin())
        {
            lease.RenewBy(time.CreateTimer(_ => _ = RenewAsync(lease), null, interval, interval));
        }
    }

    private async Task RenewAsync(Lease lease)
    {
        try
        {
            if (await AskAsync(LeaseScripts.Renew, lease, CancellationToken.None).ConfigureAwait(false) == 0)
            {
                lease.Void();
            }
        }
        catch (ObjectDisposedException)
        {
            lease.StopRenewal();
        }
    }
}
