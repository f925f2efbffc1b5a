namespace Clinic;

/// <summary>What the sample logs. Never a patient, never a password.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "No Redis configured: started an embedded Garnet on {Server}; set REDIS_URL=redis://127.0.0.1:6379 to use a real one")]
    public static partial void EmbeddedRedisStarted(ILogger logger, string server);

    [LoggerMessage(2, LogLevel.Information, "The cache is in Redis at {Server}")]
    public static partial void RedisUsed(ILogger logger, string server);
}
