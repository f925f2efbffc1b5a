using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Certificates;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Connections;

/// <summary>TLS: the server is verified, always; a client certificate is possible.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task TrustedAuthority_Works()
    {
        var server = await SharedServers.GetTlsAsync();
        await using var cache = Create(server, TestCertificates.Instance.AuthorityFile);
        await cache.SetAsync("tls", [1], new());
        Assert.Equal([1], await cache.GetAsync("tls"));
    }

    [Theory]
    [InlineData(ServerCertificate.OtherAuthority)]
    [InlineData(ServerCertificate.Expired)]
    [InlineData(ServerCertificate.OtherHost)]
    public async Task WrongCertificate_IsRefused(ServerCertificate certificate)
    {
        await using var server = await RedisServers.StartTlsAsync(certificate);
        await using var cache = Create(server, TestCertificates.Instance.AuthorityFile);
        await Assert.ThrowsAnyAsync<RedisException>(() => cache.SetAsync("tls", [1], new()));
    }

    [Fact]
    public async Task UntrustedAuthority_ByUri_IsRefused()
    {
        var server = await SharedServers.GetTlsAsync();
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            Configuration = $"rediss://localhost:{server.EndPoints[0].Port}?connectRetry=1",
            ConnectTimeout = TimeSpan.FromSeconds(2),
            FailureMode = FailureMode.Throw,
            CommandTimeout = TimeSpan.FromSeconds(3),
        });
        await Assert.ThrowsAnyAsync<Exception>(() => cache.SetAsync("tls", [1], new()));
    }

    [Fact]
    public async Task ClientCertificate_WhereTheServerAsksForOne_IsShown()
    {
        await using var server = await RedisServers.StartTlsAsync(demandClientCertificate: true);
        var files = TestCertificates.Instance;
        await using var with = Create(server, files.AuthorityFile, options => options.SetUserPemCertificate(files.ClientCertificateFile, files.ClientKeyFile));
        await using var without = Create(server, files.AuthorityFile);

        await with.SetAsync("tls", [1], new());
        Assert.Equal([1], await with.GetAsync("tls"));
        await Assert.ThrowsAnyAsync<RedisException>(() => without.GetAsync("tls"));
    }

    private static PrimaRedisCache Create(TlsServer server, string authority, Action<ConfigurationOptions>? configure = null)
    {
        var options = ConfigurationOptions.Parse($"{server.Configuration},connectRetry=1,connectTimeout=2000,syncTimeout=3000");
        options.TrustIssuer(authority);
        configure?.Invoke(options);
        return new PrimaRedisCache(new PrimaRedisCacheOptions { ConfigurationOptions = options, FailureMode = FailureMode.Throw });
    }
}
