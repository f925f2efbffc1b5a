using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>The sample with a Redis by configuration, in a database that is its own.</summary>
public sealed class ClinicOnStandalone() : ClinicFixture(FindRedisAsync)
{
    public const string Database = "15";

    public static async Task<string> ConfigurationAsync() => $"{(await SharedServers.GetStandaloneAsync()).Configuration},defaultDatabase={Database}";

    private static async Task<string> FindRedisAsync()
    {
        await using var connection = await (await SharedServers.GetStandaloneAsync()).ConnectAsync();
        await connection.ExecuteAsync("SELECT", Database);
        await connection.ExecuteAsync("FLUSHDB");
        return await ConfigurationAsync();
    }
}
