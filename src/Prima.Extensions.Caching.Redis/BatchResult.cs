namespace Prima.Extensions.Caching.Redis;

/// <summary>What became of a batch: one outcome for each entry, in the order asked.</summary>
public class BatchResult
{
    private readonly List<BatchOutcome> _outcomes;
    private readonly List<BatchError> _errors = [];

    internal BatchResult(int capacity) => _outcomes = new(capacity);

    /// <summary>How many entries were asked for.</summary>
    /// <remarks>After a cancellation: of a collection all of it, of a sequence what was taken from it.</remarks>
    public int Count => _outcomes.Count;

    /// <summary>Whether every entry was served: none failed, degraded or was skipped. A miss is served.</summary>
    public bool Succeeded { get; private set; } = true;

    /// <summary>The outcomes, in the order asked.</summary>
    public IReadOnlyList<BatchOutcome> Outcomes => _outcomes;

    /// <summary>The entries that failed or were degraded, with what happened, in the order asked.</summary>
    public IReadOnlyList<BatchError> Errors => _errors;

    /// <summary>The outcome of the entry at <paramref name="index"/>.</summary>
    /// <param name="index">Where the entry stood in the batch, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such entry.</exception>
    public BatchOutcome this[int index] => _outcomes[index];

    internal virtual void Add(string? key, BatchOutcome outcome, Exception? exception)
    {
        Succeeded &= outcome < BatchOutcome.Failed;
        if (exception is not null)
        {
            _errors.Add(new(_outcomes.Count, key, outcome, exception));
        }

        _outcomes.Add(outcome);
    }

    internal void Skip(int count)
    {
        for (; count > 0; count--)
        {
            Add(key: null, BatchOutcome.Skipped, exception: null);
        }
    }
}
