using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Commands that are sent in one go, each answered by itself.</summary>
internal interface IRedisBatch
{
    /// <summary>The batch's name in logs, metrics and traces.</summary>
    string Name { get; }

    /// <summary>Divides the batch into commands. Keys with the same number from <paramref name="groupOf"/> can be in one.</summary>
    void Order(Func<RedisKey, int> groupOf);

    int CommandCount { get; }

    /// <summary>A key of <paramref name="command"/>; all its keys are served by the same connection and, on a cluster, are in the same slot.</summary>
    RedisKey KeyOf(int command);

    void Write(RespRequest request, int command);

    /// <summary>Reads the reply to <paramref name="command"/>; it is gone after this call.</summary>
    void Read(RespResult reply, int command, List<TtlExtension> extensions);

    /// <summary>Takes note that <paramref name="command"/> got an error, or no answer.</summary>
    /// <returns>Whether that is a fault, and not something that the batch can make good.</returns>
    bool Fail(int command, Exception fault);

    /// <summary>Takes note that <paramref name="command"/> was not sent, because Redis is not connected.</summary>
    void Skip(int command);
}
