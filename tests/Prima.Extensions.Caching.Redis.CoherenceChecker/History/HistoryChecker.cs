namespace Prima.Extensions.Caching.Redis.CoherenceChecker.History;

/// <summary>Decides from a history whether any node returned a value older than one whose replacement had been complete for longer than a bound.</summary>
public static class HistoryChecker
{
    /// <summary>All reads that are too old, the oldest first.</summary>
    public static IReadOnlyList<Violation> Check(IEnumerable<Operation> history, TimeSpan bound) =>
        [.. Stale(history).Where(stale => stale.Age > bound).OrderByDescending(static stale => stale.Age)];

    /// <summary>The greatest age of any value that was read, whatever the bound.</summary>
    public static TimeSpan GreatestAge(IEnumerable<Operation> history) =>
        Stale(history).Select(static stale => stale.Age).DefaultIfEmpty(TimeSpan.Zero).Max();

    /// <summary>Every read that began when a newer value was already in place, and did not return that.</summary>
    private static IEnumerable<Violation> Stale(IEnumerable<Operation> history)
    {
        foreach (var ofKey in history.GroupBy(static operation => operation.Key))
        {
            var replacements = Growing(ofKey.Where(static operation => operation.Kind != OperationKind.Read));
            foreach (var read in ofKey.Where(static operation => operation.Kind == OperationKind.Read))
            {
                var first = FirstNewer(replacements, read.Version);
                if (first < replacements.Count && replacements[first].End < read.Start)
                {
                    yield return new(read, replacements[first], TimeSpan.FromTicks(read.Start - replacements[first].End));
                }
            }
        }
    }

    /// <summary>In the order of their ends, those with a greater version than all before: the others say nothing that is not said already.</summary>
    private static List<Operation> Growing(IEnumerable<Operation> replacements)
    {
        var growing = new List<Operation>();
        foreach (var replacement in replacements.OrderBy(static operation => operation.End))
        {
            if (growing.Count == 0 || replacement.Version > growing[^1].Version)
            {
                growing.Add(replacement);
            }
        }

        return growing;
    }

    private static int FirstNewer(List<Operation> growing, long version)
    {
        var (low, high) = (0, growing.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = growing[middle].Version > version ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
