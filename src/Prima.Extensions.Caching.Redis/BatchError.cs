namespace Prima.Extensions.Caching.Redis;

/// <summary>Why one entry of a batch was not served.</summary>
/// <param name="Index">Where the entry stood in the batch, from 0.</param>
/// <param name="Key">Its key; <see langword="null"/> where that was what is wrong.</param>
/// <param name="Outcome"><see cref="BatchOutcome.Failed"/> or <see cref="BatchOutcome.Degraded"/>.</param>
/// <param name="Exception">What happened. Entries that one command served share one.</param>
public readonly record struct BatchError(int Index, string? Key, BatchOutcome Outcome, Exception Exception);
