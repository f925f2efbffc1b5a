namespace Prima.Extensions.Caching.Redis.Operations;

internal static class OperationKinds
{
    /// <summary>Whether what was under the key before must not be seen any more, also where Redis missed the operation.</summary>
    public static bool Replaces(this OperationKind kind) => kind is OperationKind.Set or OperationKind.Remove;

    /// <summary>What became of an operation that Redis answered.</summary>
    /// <param name="kind">The operation's kind.</param>
    /// <param name="isFound">Whether the entry that it asks for was there.</param>
    public static BatchOutcome Outcome(this OperationKind kind, bool isFound) => kind switch
    {
        OperationKind.Set or OperationKind.Other => BatchOutcome.Stored,
        OperationKind.Remove => BatchOutcome.Removed,
        _ when !isFound => BatchOutcome.Miss,
        OperationKind.Refresh => BatchOutcome.Refreshed,
        _ => BatchOutcome.Hit,
    };
}
