namespace Prima.Extensions.Caching.Redis.CoherenceChecker.History;

/// <summary>A read of a value that had been replaced for too long.</summary>
/// <param name="Read">The read.</param>
/// <param name="Replacement">The first completed operation after which the value that was read was old.</param>
/// <param name="Age">How long before the read began that was.</param>
public readonly record struct Violation(Operation Read, Operation Replacement, TimeSpan Age);
