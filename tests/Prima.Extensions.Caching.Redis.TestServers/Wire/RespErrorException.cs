namespace Prima.Extensions.Caching.Redis.TestServers.Wire;

/// <summary>The server answered with an error; the message is its text.</summary>
public sealed class RespErrorException(string message) : Exception(message);
