namespace Prima.Extensions.Caching.Redis.CoherenceChecker.History;

/// <summary>Something that a node did with a key, and when: on the clock that all processes of a machine share, in ticks of 100 ns.</summary>
/// <param name="Kind">What it did.</param>
/// <param name="Node">Which node.</param>
/// <param name="Key">Which key.</param>
/// <param name="Version">What it read, or what the store had when the older was written over or removed. Versions of a key only grow.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it was done.</param>
public readonly record struct Operation(OperationKind Kind, byte Node, ushort Key, long Version, long Start, long End);
