using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Tests.Connections;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.DependencyInjection;

[Collection(typeof(ProcessEnvironment))]
public sealed class EnvironmentVariablesTests : IDisposable
{
    private static readonly string[] Names =
    [
        EnvironmentServer.ClusterNodes,
        EnvironmentServer.SentinelNodes,
        EnvironmentServer.SentinelMaster,
        EnvironmentServer.Url,
        EnvironmentServer.KvUrl,
        EnvironmentServer.Cluster,
        EnvironmentServer.Username,
        EnvironmentServer.Password,
    ];

    private readonly Dictionary<string, string?> _before = Names.ToDictionary(name => name, Environment.GetEnvironmentVariable);
    private readonly ServiceCollection _services = new();

    public EnvironmentVariablesTests()
    {
        foreach (var name in Names)
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    public void Dispose()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    [Fact]
    public async Task AddPrimaRedisCache_OnlyTheEnvironmentNamesAServer_ThatIsIt()
    {
        Environment.SetEnvironmentVariable("REDIS_URL", "redis://environment");
        _services.AddPrimaRedisCache();
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal("environment:6379", ServerOf(provider));
    }

    [Fact]
    public async Task AddPrimaRedisCache_SectionWithoutAServer_ServerIsThatOfTheEnvironment()
    {
        Environment.SetEnvironmentVariable("REDIS_URL", "redis://environment");
        _services.AddConfiguration("PrimaRedisCache:Layout=String");
        _services.AddPrimaRedisCache();
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal("environment:6379", ServerOf(provider));
    }

    [Theory]
    [InlineData("redis://environment")]
    [InlineData("http://not even readable")]
    public async Task AddPrimaRedisCache_SectionAndEnvironment_SectionWins(string environment)
    {
        Environment.SetEnvironmentVariable("REDIS_URL", environment);
        _services.AddConfiguration("PrimaRedisCache:Configuration=redis://section");
        _services.AddPrimaRedisCache();
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal("section:6379", ServerOf(provider));
    }

    [Theory]
    [InlineData("redis://environment")]
    [InlineData("http://not even readable")]
    public async Task AddPrimaRedisCache_LambdaAndEnvironment_LambdaWins(string environment)
    {
        Environment.SetEnvironmentVariable("REDIS_URL", environment);
        _services.AddPrimaRedisCache(options => options.Configuration = "redis://lambda");
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal("lambda:6379", ServerOf(provider));
    }

    [Fact]
    public async Task AddPrimaRedisCache_LambdaWithoutAPassword_DoesNotTakeThatOfTheEnvironment()
    {
        Environment.SetEnvironmentVariable("REDIS_PASSWORD", "s3cr3t");
        _services.AddPrimaRedisCache(options => options.Configuration = "redis://lambda");
        await using var provider = _services.BuildServiceProvider();

        Assert.Null(ServerConfiguration.Resolve(provider.CacheOptions(), Environment.GetEnvironmentVariable).Password);
    }

    [Fact]
    public async Task AddPrimaRedisCache_NobodyNamesAServer_SaysWhatToSet()
    {
        _services.AddPrimaRedisCache();
        await using var provider = _services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<PrimaRedisCache>());

        Assert.StartsWith("No Redis server is configured. Set PrimaRedisCacheOptions.Configuration", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddPrimaRedisCache_WrongVariable_IsNamed()
    {
        Environment.SetEnvironmentVariable("REDIS_URL", "http://server");
        _services.AddPrimaRedisCache();
        await using var provider = _services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<PrimaRedisCache>());

        Assert.StartsWith("REDIS_URL is 'http://server'", exception.Message, StringComparison.Ordinal);
    }

    // Whatever is wrong in a variable, it is a wrong option, with a message.
    [Fact]
    public async Task AddPrimaRedisCache_NodeNamedTwice_IsNoCrash()
    {
        Environment.SetEnvironmentVariable("REDIS_CLUSTER_NODES", "redis://a,redis://b,redis://b");
        _services.AddPrimaRedisCache();
        await using var provider = _services.BuildServiceProvider();

        var exception = Record.Exception(provider.GetRequiredService<PrimaRedisCache>);

        Assert.True(exception is null or OptionsValidationException, $"{exception}");
    }

    private static string ServerOf(IServiceProvider provider) =>
        Endpoints.Of(ServerConfiguration.Resolve(provider.CacheOptions(), Environment.GetEnvironmentVariable));
}
