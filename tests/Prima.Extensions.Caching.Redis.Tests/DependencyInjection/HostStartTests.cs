using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.DependencyInjection;

public class HostStartTests
{
    // Far more than a start takes, far less than waiting for a server.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HostApplicationBuilder _builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());

    [Fact]
    public async Task Start_WrongOptions_StopsWithTheReason()
    {
        _builder.Services.AddPrimaRedisCache(options => options.Configuration = "http://server");
        using var host = _builder.Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.StartsWith("PrimaRedisCacheOptions.Configuration is 'http://server'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WrongOptionsOfAKeyedCache_StopsWithTheReason()
    {
        _builder.Services.AddKeyedPrimaRedisCache("keyed", options =>
        {
            options.Configuration = "redis://server";
            options.ConnectionPoolSize = 65;
        });
        using var host = _builder.Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal("PrimaRedisCacheOptions.ConnectionPoolSize is 65. Allowed are 1 to 64.", exception.Message);
    }

    [Fact]
    public async Task Start_UnreadableConfiguration_StopsWithItsPath()
    {
        _builder.Configuration.AddInMemoryCollection([new("PrimaRedisCache:Configuration", "redis://server"), new("PrimaRedisCache:CommandTimeout", "soon")]);
        _builder.Services.AddPrimaRedisCache();
        using var host = _builder.Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.StartsWith("PrimaRedisCache:CommandTimeout is 'soon' in the application's configuration.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ServerThatCannotBeReached_Succeeds()
    {
        _builder.Services.AddPrimaRedisCache(options => options.Configuration = "127.0.0.1:1");
        using var host = _builder.Build();

        await host.StartAsync().WaitAsync(Patience);

        Assert.NotNull(host.Services.GetRequiredService<PrimaRedisCache>());
    }

    [Fact]
    public async Task Start_ServerThatNeverAnswers_Succeeds()
    {
        _builder.Services.AddPrimaRedisCache(options => options.ConnectionMultiplexerFactory = () => new TaskCompletionSource<IConnectionMultiplexer>().Task);
        using var host = _builder.Build();

        await host.StartAsync().WaitAsync(Patience);

        Assert.NotNull(host.Services.GetRequiredService<PrimaRedisCache>());
    }
}
