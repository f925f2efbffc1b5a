namespace Prima.Extensions.Caching.Redis.CoherenceChecker.History;

/// <summary>What a node did.</summary>
public enum OperationKind : byte
{
    /// <summary>It read a value.</summary>
    Read,

    /// <summary>It set the value, and was told that this succeeded.</summary>
    Set,

    /// <summary>It removed the key, and was told that this succeeded.</summary>
    Remove,

    /// <summary>It removed a tag of the entry, and was told that this succeeded.</summary>
    RemoveTag,
}
