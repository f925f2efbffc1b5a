using System.Collections;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>A collection whose reader is cancelled on the way.</summary>
public sealed class CancellingCollection<T>(IReadOnlyList<T> items, int cancelAt) : IReadOnlyCollection<T>, ICollection<T>, IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();

    public CancellationToken Token => _cancellation.Token;

    public int Count => items.Count;

    public bool IsReadOnly => true;

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (i == cancelAt)
            {
                _cancellation.Cancel();
            }

            yield return items[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Add(T item) => throw new NotSupportedException();

    public void Clear() => throw new NotSupportedException();

    public bool Contains(T item) => items.Contains(item);

    public void CopyTo(T[] array, int arrayIndex) => throw new NotSupportedException();

    public bool Remove(T item) => throw new NotSupportedException();

    /// <summary>The same as a sequence that tells nobody how long it is.</summary>
    public IEnumerable<T> AsSequence()
    {
        foreach (var item in this)
        {
            yield return item;
        }
    }

    public void Dispose() => _cancellation.Dispose();
}
