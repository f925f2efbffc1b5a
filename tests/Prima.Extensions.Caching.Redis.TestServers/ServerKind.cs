namespace Prima.Extensions.Caching.Redis.TestServers;

/// <summary>How a test server is run; the values of <c>PRIMA_TEST_REDIS</c> besides <c>auto</c>.</summary>
public enum ServerKind
{
    /// <summary>A container, by Testcontainers.</summary>
    Container,

    /// <summary>A redis-server process of this machine, a child of the test process.</summary>
    Process,

    /// <summary>Microsoft.Garnet inside the test process.</summary>
    Embedded,
}
