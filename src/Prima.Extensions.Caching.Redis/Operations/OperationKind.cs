namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>What an operation does with the entry under its key.</summary>
internal enum OperationKind
{
    Get,
    Refresh,
    Set,
    Remove,

    /// <summary>Something beside the entry itself. It is not asked of an entry whose removal Redis missed.</summary>
    Other,
}
