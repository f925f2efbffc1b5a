namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>Outcomes as metrics and traces have them.</summary>
internal static class BatchOutcomes
{
    private static readonly string[] Texts = ["hit", "miss", "stored", "refreshed", "removed", "failed", "degraded", "skipped"];

    public static int Count => Texts.Length;

    public static string Text(this BatchOutcome outcome) => Texts[(int)outcome];

    /// <summary>What the one who asked for a value got: a miss, because Redis could not be asked, is a degraded one.</summary>
    /// <returns><see langword="null"/> where it was an exception.</returns>
    public static string? AsLookup(this BatchOutcome outcome) => outcome switch
    {
        BatchOutcome.Hit or BatchOutcome.Miss => outcome.Text(),
        BatchOutcome.Degraded or BatchOutcome.Skipped => BatchOutcome.Degraded.Text(),
        _ => null,
    };

    /// <summary>The worst outcome of a batch in which some entries were not served.</summary>
    public static BatchOutcome Worst(ReadOnlySpan<int> counts) =>
        counts[(int)BatchOutcome.Failed] > 0 ? BatchOutcome.Failed
        : counts[(int)BatchOutcome.Degraded] > 0 ? BatchOutcome.Degraded
        : BatchOutcome.Skipped;
}
