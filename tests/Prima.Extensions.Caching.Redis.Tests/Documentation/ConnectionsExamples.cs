using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Tests.Documentation;

/// <summary>The C# examples of docs/connections.md, as they stand there. Compiled, not run.</summary>
public static class ConnectionsExamples
{
    public static void RegisterWithPrivateAuthority(IHostApplicationBuilder builder)
    {
        // <tls>
        builder.Services.AddPrimaRedisCache(options =>
        {
            var configuration = ConfigurationOptions.Parse("redis.example:6380,ssl=true");
            configuration.TrustIssuer("/etc/clinic/redis-authority.pem");
            configuration.SetUserPemCertificate("/etc/clinic/redis-client.pem", "/etc/clinic/redis-client.key");
            options.ConfigurationOptions = configuration;
        });
        // </tls>
    }

    public static void RegisterShared(IHostApplicationBuilder builder)
    {
        // <shared>
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect("redis.example:6379,abortConnect=false"));
        builder.Services.AddPrimaRedisCache((options, services) =>
            options.ConnectionMultiplexerFactory = () => Task.FromResult(services.GetRequiredService<IConnectionMultiplexer>()));
        // </shared>
    }

    public static void RegisterForRemovals(IHostApplicationBuilder builder)
    {
        // <removals>
        builder.Services.AddPrimaRedisCache(options => options.InstanceName = "clinic:");
        builder.Services.AddKeyedPrimaRedisCache("must-reach-redis", options =>
        {
            options.InstanceName = "clinic:";
            options.FailureMode = FailureMode.Throw;
        });
        // </removals>
    }
}
