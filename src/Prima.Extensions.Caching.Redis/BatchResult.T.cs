namespace Prima.Extensions.Caching.Redis;

/// <summary>What a batch read: outcomes and values, in the order asked.</summary>
/// <typeparam name="T">The type of a value.</typeparam>
public class BatchResult<T> : BatchResult
{
    private readonly List<T?> _values;

    internal BatchResult(int capacity)
        : base(capacity) => _values = new(capacity);

    /// <summary>The values, in the order asked; <see langword="default"/> where the outcome is no <see cref="BatchOutcome.Hit"/>.</summary>
    public IReadOnlyList<T?> Values => _values;

    internal override void Add(string? key, BatchOutcome outcome, Exception? exception) => Add(key, outcome, default, exception);

    internal void Add(string? key, BatchOutcome outcome, T? value, Exception? exception)
    {
        base.Add(key, outcome, exception);
        _values.Add(value);
    }

    /// <summary>The same outcomes with other values; a value that <paramref name="convert"/> throws for becomes its entry's failure.</summary>
    internal BatchResult<TOther> Convert<TOther>(IReadOnlyList<string> keys, Func<T, TOther> convert)
    {
        var converted = new BatchResult<TOther>(Count);
        var exceptions = Errors.ToDictionary(static error => error.Index, static error => error.Exception);
        for (var index = 0; index < Count; index++)
        {
            var key = index < keys.Count ? keys[index] : null;
            if (this[index] != BatchOutcome.Hit)
            {
                converted.Add(key, this[index], exceptions.GetValueOrDefault(index));
                continue;
            }

            try
            {
                converted.Add(key, BatchOutcome.Hit, convert(_values[index]!), exception: null);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                converted.Add(key, BatchOutcome.Failed, exception);
            }
        }

        return converted;
    }
}
