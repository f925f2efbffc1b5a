using RESPite.Messages;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>What becomes of a value that was read.</summary>
internal interface IEntryConsumer<TResult>
{
    static abstract string OperationName { get; }

    /// <summary>Whether the value itself is asked for, and not just its expirations.</summary>
    static abstract bool NeedsValue { get; }

    TResult Miss { get; }

    /// <summary>Takes the value: all of <paramref name="value"/> from <paramref name="offset"/> on.</summary>
    TResult Take(in RespReader value, int offset);
}
