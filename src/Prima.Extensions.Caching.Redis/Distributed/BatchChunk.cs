using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>As many entries of a batch as are under way at a time; used again for the next.</summary>
/// <remarks>
/// <para>An entry is known by its position in the chunk. Entries whose keys one command can have together share one; the others have a command each.
/// An entry that its command could not serve, for a reason of that entry or of that command, is done again as a single operation.</para>
/// <para>A large value has a chunk of its own: Redis closes the connection over one that is larger than it accepts, and what is under way there is lost.</para>
/// <para>1. Entries that are wrong in themselves fail. 2. Removals of the same keys that are under way are waited for. 3. The entries are ordered into commands.
/// 4. The commands are pipelined. 5. What is left is done singly. 6. What Redis missed is remembered. 7. The outcomes go into the result, in the order asked.</para>
/// </remarks>
internal abstract class BatchChunk<TItem>(EntryContext context, RedisExecutor executor, BatchLimits limits) : IRedisBatch
{
    private readonly List<TItem> _items = [];
    private readonly List<BatchOutcome> _outcomes = [];
    private readonly List<Exception?> _exceptions = [];
    private readonly List<(int Group, int Position)> _order = [];
    private readonly List<(int Start, int Count)> _commands = [];
    private readonly List<int> _redo = [];
    private readonly List<int> _tooLarge = [];
    private Tuple<Exception, Exception>? _explained;
    private long _bytes;

    public abstract string Name { get; }

    public int CommandCount => _commands.Count;

    public int Count => _items.Count;

    /// <summary>Whether the chunk must be sent before more is added.</summary>
    public bool IsFull => _items.Count >= Capacity || _bytes >= limits.Bytes || IsLarge;

    protected EntryContext Context => context;

    protected RedisExecutor Executor => executor;

    protected BatchLimits Limits => limits;

    protected virtual int Capacity => limits.Entries;

    protected abstract OperationKind Kind { get; }

    /// <summary>How many entries a command can serve when their keys allow it.</summary>
    protected abstract int EntriesPerCommand { get; }

    /// <summary>Whether the command of the entry at <paramref name="position"/> can serve others too, when their keys allow it.</summary>
    protected virtual bool CanShare(int position) => true;

    private bool IsLarge => _items.Count == 1 && _bytes >= limits.LargeValue;

    /// <summary>Whether <paramref name="item"/> may be added to what the chunk has.</summary>
    public bool Takes(TItem item) => _items.Count == 0 || SizeOf(item) < limits.LargeValue;

    public void Add(TItem item)
    {
        _items.Add(item);
        _outcomes.Add(BatchOutcome.Skipped);
        _exceptions.Add(null);
        _bytes += SizeOf(item);
    }

    /// <summary>Sends the chunk, adds its outcomes to <paramref name="result"/>, and is empty again.</summary>
    public async ValueTask ExecuteAsync(BatchResult result)
    {
        Prepare();
        var begun = Kind == OperationKind.Set && executor.HasMissedChanges ? await executor.BeginWritesAsync(_order.Select(entry => RedisKeyOf(entry.Position))).ConfigureAwait(false) : [];
        var since = executor.MissedChanges;
        try
        {
            if (_order.Count > 0)
            {
                await executor.ExecuteAsync(this).ConfigureAwait(false);
            }

            if (_redo.Count > 0)
            {
                await RedoAsync(_redo).ConfigureAwait(false);
            }

            Remember(since);
        }
        finally
        {
            executor.EndWrites(begun);
        }

        if (IsLarge && _order.Count > 0 && _exceptions[0] is RedisException)
        {
            await executor.AnswersAsync(RedisKeyOf(0)).ConfigureAwait(false);
        }

        MoveTo(result);
    }

    /// <summary>Adds every entry to <paramref name="result"/> as it stands, skipped unless sent, and is empty again.</summary>
    public void MoveTo(BatchResult result)
    {
        for (var position = 0; position < _items.Count; position++)
        {
            Add(result, position, KeyOf(_items[position]), _outcomes[position], _exceptions[position]);
        }

        Clear();
    }

    public void Order(Func<RedisKey, int> groupOf)
    {
        var groups = EntriesPerCommand > 1;
        for (var i = 0; i < _order.Count; i++)
        {
            var position = _order[i].Position;
            _order[i] = (groups ? groupOf(RedisKeyOf(position)) : 0, position);
        }

        if (groups)
        {
            _order.Sort();
        }

        for (var start = 0; start < _order.Count;)
        {
            var count = 1;
            while (groups && count < EntriesPerCommand && start + count < _order.Count && CanShare(_order[start], _order[start + count]))
            {
                count++;
            }

            _commands.Add((start, count));
            start += count;
        }
    }

    public RedisKey KeyOf(int command) => RedisKeyOf(_order[_commands[command].Start].Position);

    public void Write(RespRequest request, int command)
    {
        var (start, count) = _commands[command];
        if (count == 1)
        {
            WriteSingle(request, _order[start].Position);
        }
        else
        {
            WriteGroup(request, Positions(start, count));
        }
    }

    public void Read(RespResult reply, int command, List<TtlExtension> extensions)
    {
        var (start, count) = _commands[command];
        if (count == 1)
        {
            ReadSingle(reply, _order[start].Position, extensions);
        }
        else
        {
            ReadGroup(reply, Positions(start, count), extensions);
        }
    }

    public bool Fail(int command, Exception fault)
    {
        var (start, count) = _commands[command];
        var isFault = false;
        foreach (var position in Positions(start, count))
        {
            var canRedo = fault is RedisServerException error ? count > 1 || CanRedo(position, error.Kind) : fault.IsAsk();
            if (canRedo)
            {
                Redo(position);
            }
            else
            {
                Settle(position, fault);
                isFault = true;
            }
        }

        return isFault;
    }

    public void Skip(int command)
    {
        // That is what every entry is from the start.
    }

    protected abstract string? KeyOf(TItem item);

    protected virtual long SizeOf(TItem item) => 0;

    /// <summary>What is wrong with an entry before Redis is asked, if anything.</summary>
    protected virtual Exception? Prepare(int position) =>
        KeyOf(ItemAt(position)) is null ? NullInEntry("key") : null;

    protected static ArgumentNullException NullInEntry(string what) => new(what, $"An entry of the batch has no {what}.");

    protected abstract void WriteSingle(RespRequest request, int position);

    protected abstract void ReadSingle(RespResult reply, int position, List<TtlExtension> extensions);

    protected abstract void WriteGroup(RespRequest request, IEnumerable<int> positions);

    protected abstract void ReadGroup(RespResult reply, IEnumerable<int> positions, List<TtlExtension> extensions);

    /// <summary>Whether a single operation may serve the entry at <paramref name="position"/>, whose own command was answered with <paramref name="error"/>.</summary>
    protected virtual bool CanRedo(int position, RedisErrorKind error) => error.IsTransient() || error.Refuses();

    protected virtual Task RedoAsync(IReadOnlyList<int> positions) => Task.WhenAll(positions.Select(RedoAsync));

    protected abstract Task RedoAsync(int position);

    protected virtual void Add(BatchResult result, int position, string? key, BatchOutcome outcome, Exception? exception) =>
        result.Add(key, outcome, exception);

    protected virtual void Clear()
    {
        _items.Clear();
        _outcomes.Clear();
        _exceptions.Clear();
        _order.Clear();
        _commands.Clear();
        _redo.Clear();
        _tooLarge.Clear();
        _bytes = 0;
        _explained = null;
    }

    protected TItem ItemAt(int position) => _items[position];

    /// <summary>The entries that nothing was wrong with before Redis was asked, in the order asked.</summary>
    protected IEnumerable<int> ValidPositions => _order.Select(static entry => entry.Position).Order();

    protected void Redo(int position) => _redo.Add(position);

    protected void Settle(int position, BatchOutcome outcome)
    {
        _outcomes[position] = outcome;
        _exceptions[position] = null;
    }

    protected void Settle(int position, Exception fault)
    {
        // The entries of one command share its fault, and what is to be said of it. Several that are done singly may come here at the same time.
        var explained = Volatile.Read(ref _explained);
        if (explained?.Item1 != fault)
        {
            explained = Tuple.Create(fault, executor.Explain(fault, Name, RedisKeyOf(position)));
            Volatile.Write(ref _explained, explained);
        }

        _outcomes[position] = context.FailureMode == FailureMode.Degrade ? BatchOutcome.Degraded : BatchOutcome.Failed;
        _exceptions[position] = explained.Item2;
    }

    /// <summary>Settles an entry that was done singly.</summary>
    protected void Settle<TResult>(int position, in Attempt<TResult> attempt, BatchOutcome answered)
    {
        // That the second attempt is not on its way says nothing of the first.
        if (!attempt.IsAnswered && RedisExecutor.MayStillBeOnItsWay(_exceptions[position]) && !RedisExecutor.MayStillBeOnItsWay(attempt.Fault))
        {
            return;
        }

        if (attempt.Fault is { } fault)
        {
            Settle(position, fault);
        }
        else
        {
            Settle(position, attempt.IsSkipped ? BatchOutcome.Skipped : answered);
        }
    }

    private RedisKey RedisKeyOf(int position) => context.RedisKey(KeyOf(_items[position])!);

    private void Prepare()
    {
        for (var position = 0; position < _items.Count; position++)
        {
            var wrong = Prepare(position);
            if (wrong is ValueTooLargeException)
            {
                Settle(position, wrong);
                executor.Refused(wrong, Name);
                _tooLarge.Add(position);
            }
            else if (wrong is not null)
            {
                _outcomes[position] = BatchOutcome.Failed;
                _exceptions[position] = wrong;
            }
            else if (!Kind.Replaces() && executor.Covers(RedisKeyOf(position)))
            {
                // Skipped, as it is from the start.
            }
            else
            {
                _order.Add((0, position));
            }
        }
    }

    private void Remember(long since)
    {
        if (!Kind.Replaces())
        {
            return;
        }

        foreach (var position in _order.Select(static entry => entry.Position).Concat(_tooLarge))
        {
            var isAnswered = IsAnswered(position);
            if (isAnswered || RedisExecutor.MayStillBeOnItsWay(_exceptions[position]) || !IsReplaced(position))
            {
                executor.Settle(Kind, RedisKeyOf(position), isAnswered, _exceptions[position], since);
            }
        }
    }

    private bool CanShare((int Group, int Position) first, (int Group, int Position) other) =>
        first.Group == other.Group && CanShare(first.Position) && CanShare(other.Position);

    private bool IsAnswered(int position) => _outcomes[position] < BatchOutcome.Failed;

    /// <summary>Whether Redis has a later entry of the same key.</summary>
    private bool IsReplaced(int position) =>
        _order.Exists(later => later.Position > position && IsAnswered(later.Position) && KeyOf(ItemAt(later.Position)) == KeyOf(ItemAt(position)));

    private IEnumerable<int> Positions(int start, int count)
    {
        for (var i = start; i < start + count; i++)
        {
            yield return _order[i].Position;
        }
    }
}
