namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Takes a batch's input chunk by chunk.</summary>
internal static class BatchRunner
{
    /// <summary>Runs all of <paramref name="items"/> through <paramref name="chunk"/>.</summary>
    /// <param name="items">The input.</param>
    /// <param name="count">How many items there are, if that is known without taking them.</param>
    /// <param name="chunk">The chunk; empty.</param>
    /// <param name="result">Gets an outcome for each item taken, and for each of <paramref name="count"/>.</param>
    /// <param name="token">Stops the batch before the next chunk; before the first it throws.</param>
    public static async Task RunAsync<TItem>(IAsyncEnumerable<TItem> items, int? count, BatchChunk<TItem> chunk, BatchResult result, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        try
        {
            await foreach (var item in items.WithCancellation(token).ConfigureAwait(false))
            {
                // A cancelled batch takes it all the same: it is to have an outcome.
                if (!chunk.Takes(item) && !token.IsCancellationRequested)
                {
                    await SendAsync().ConfigureAwait(false);
                }

                chunk.Add(item);
                if (chunk.IsFull)
                {
                    await SendAsync().ConfigureAwait(false);
                }
            }

            if (chunk.Count > 0)
            {
                await SendAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested && result.Count > 0)
        {
            chunk.MoveTo(result);
            result.Skip((count ?? result.Count) - result.Count);
        }

        ValueTask SendAsync()
        {
            token.ThrowIfCancellationRequested();
            return chunk.ExecuteAsync(result);
        }
    }
}
