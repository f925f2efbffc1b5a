using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.DependencyInjection;

public class PrimaRedisCacheServiceCollectionExtensionsTests
{
    private readonly ServiceCollection _services = new();

    [Fact]
    public async Task AddPrimaRedisCache_DistributedCache_IsTheCache()
    {
        _services.AddPrimaRedisCache(UseServer);
        await using var provider = _services.BuildServiceProvider();

        Assert.Same(provider.GetRequiredService<PrimaRedisCache>(), provider.GetRequiredService<IDistributedCache>());
    }

    [Fact]
    public async Task AddPrimaRedisCache_BufferDistributedCache_IsTheCache()
    {
        _services.AddPrimaRedisCache(UseServer);
        await using var provider = _services.BuildServiceProvider();

        Assert.Same(provider.GetRequiredService<PrimaRedisCache>(), provider.GetRequiredService<IBufferDistributedCache>());
    }

    [Fact]
    public async Task AddPrimaRedisCache_BatchCache_IsTheCache()
    {
        _services.AddPrimaRedisCache(UseServer);
        await using var provider = _services.BuildServiceProvider();

        Assert.Same(provider.GetRequiredService<PrimaRedisCache>(), provider.GetRequiredService<IBatchCache>());
    }

    [Fact]
    public async Task AddPrimaRedisCache_OtherScope_HasTheSameCache()
    {
        _services.AddPrimaRedisCache(UseServer);
        await using var provider = _services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();

        Assert.Same(provider.GetRequiredService<PrimaRedisCache>(), scope.ServiceProvider.GetRequiredService<PrimaRedisCache>());
    }

    [Fact]
    public async Task AddPrimaRedisCache_AfterAnotherCache_ReplacesIt()
    {
        _services.AddSingleton<IDistributedCache, OtherDistributedCache>();
        _services.AddPrimaRedisCache(UseServer);
        await using var provider = _services.BuildServiceProvider();

        Assert.IsType<PrimaRedisCache>(provider.GetRequiredService<IDistributedCache>());
    }

    [Fact]
    public async Task AddPrimaRedisCache_BeforeAnotherCache_IsReplaced()
    {
        _services.AddPrimaRedisCache(UseServer);
        _services.AddSingleton<IDistributedCache, OtherDistributedCache>();
        await using var provider = _services.BuildServiceProvider();

        Assert.IsType<OtherDistributedCache>(provider.GetRequiredService<IDistributedCache>());
    }

    [Fact]
    public async Task AddPrimaRedisCache_Twice_IsStillOneCache()
    {
        _services.AddPrimaRedisCache(UseServer);
        _services.AddPrimaRedisCache(UseServer);
        await using var provider = _services.BuildServiceProvider();

        Assert.Single(provider.GetServices<IDistributedCache>().Distinct());
    }

    [Fact]
    public async Task AddPrimaRedisCache_Twice_AppliesBothInOrder()
    {
        _services.AddPrimaRedisCache(options =>
        {
            UseServer(options);
            options.InstanceName = "first";
            options.ConnectionPoolSize = 2;
        });
        _services.AddPrimaRedisCache(options => options.InstanceName = "second");
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal(("second", 2), (provider.CacheOptions().InstanceName, provider.CacheOptions().ConnectionPoolSize));
    }

    [Fact]
    public async Task AddPrimaRedisCache_Lambda_SetsTheOptions()
    {
        _services.AddPrimaRedisCache(options => options.Configuration = "redis://lambda");
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal("redis://lambda", provider.CacheOptions().Configuration);
    }

    [Fact]
    public async Task AddPrimaRedisCache_LambdaWithServices_GetsThem()
    {
        _services.AddSingleton("redis://service");
        _services.AddPrimaRedisCache((options, provider) => options.Configuration = provider.GetRequiredService<string>());
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal("redis://service", provider.CacheOptions().Configuration);
    }

    [Fact]
    public async Task AddPrimaRedisCache_NoArguments_AppliesTheSection()
    {
        _services.AddConfiguration("PrimaRedisCache:Configuration=redis://section", "PrimaRedisCache:Layout=String");
        _services.AddPrimaRedisCache();
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal(("redis://section", EntryLayout.String), (provider.CacheOptions().Configuration, provider.CacheOptions().Layout));
    }

    [Fact]
    public async Task AddPrimaRedisCache_LambdaAndSection_LambdaWins()
    {
        _services.AddConfiguration("PrimaRedisCache:Configuration=redis://section", "PrimaRedisCache:InstanceName=section");
        _services.AddPrimaRedisCache(options => options.Configuration = "redis://lambda");
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal(("redis://lambda", "section"), (provider.CacheOptions().Configuration, provider.CacheOptions().InstanceName));
    }

    [Fact]
    public async Task AddPrimaRedisCache_TheSectionItself_IsApplied()
    {
        _services.AddPrimaRedisCache(ServiceProviderExtensions.Configuration("Clinic:Redis:Configuration=redis://own").GetSection("Clinic:Redis"));
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal("redis://own", provider.CacheOptions().Configuration);
    }

    [Fact]
    public async Task AddPrimaRedisCache_TheRoot_ItsSectionIsApplied()
    {
        _services.AddPrimaRedisCache(ServiceProviderExtensions.Configuration("PrimaRedisCache:Configuration=redis://section", "InstanceName=elsewhere"));
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal(("redis://section", null), (provider.CacheOptions().Configuration, provider.CacheOptions().InstanceName));
    }

    [Fact]
    public async Task AddPrimaRedisCache_OtherConfigurationThanTheApplications_Wins()
    {
        _services.AddConfiguration("PrimaRedisCache:Configuration=redis://application", "PrimaRedisCache:InstanceName=application");
        _services.AddPrimaRedisCache(ServiceProviderExtensions.Configuration("Configuration=redis://own"));
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal(("redis://own", "application"), (provider.CacheOptions().Configuration, provider.CacheOptions().InstanceName));
    }

    [Fact]
    public async Task AddPrimaRedisCache_NothingButTheCacheRegistered_CanBeMade()
    {
        _services.AddPrimaRedisCache(UseServer);
        await using var provider = _services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        Assert.NotNull(provider.GetService<PrimaRedisCache>());
    }

    [Fact]
    public async Task AddPrimaRedisCache_TimeProviderRegistered_IsUsed()
    {
        _services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        _services.AddPrimaRedisCache(UseServer);
        await using var provider = _services.BuildServiceProvider();
        var options = new DistributedCacheEntryOptions { AbsoluteExpiration = new DateTimeOffset(2099, 12, 31, 0, 0, 0, TimeSpan.Zero) };

        Assert.Throws<ArgumentOutOfRangeException>("AbsoluteExpiration", () => provider.GetRequiredService<PrimaRedisCache>().Set("key", [], options));
    }

    [Fact]
    public async Task AddPrimaRedisCache_LoggingRegistered_IsUsed()
    {
        using var logs = new RecordingLoggerFactory();
        _services.AddSingleton<ILoggerFactory>(logs);
        _services.AddPrimaRedisCache(options => options.ConnectionMultiplexerFactory = () => throw new InvalidOperationException());
        await using var provider = _services.BuildServiceProvider();

        await provider.GetRequiredService<PrimaRedisCache>().GetAsync("key");

        Assert.NotEmpty(logs.Logger.Records);
    }

    [Fact]
    public async Task AddPrimaRedisCache_ProviderDisposed_DisposesTheCache()
    {
        _services.AddPrimaRedisCache(UseServer);
        var provider = _services.BuildServiceProvider();
        var cache = provider.GetRequiredService<PrimaRedisCache>();

        await provider.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => cache.Get("key"));
    }

    [Fact]
    public void AddPrimaRedisCache_Builder_HasServicesAndNames()
    {
        var builder = _services.AddPrimaRedisCache(UseServer);

        Assert.Equal((_services, null, ""), (builder.Services, builder.ServiceKey, builder.OptionsName));
    }

    [Fact]
    public void AddPrimaRedisCache_NullServices_Throws() =>
        Assert.Throws<ArgumentNullException>("services", () => default(IServiceCollection)!.AddPrimaRedisCache());

    [Fact]
    public void AddPrimaRedisCache_NullServicesAndLambda_Throws() =>
        Assert.Throws<ArgumentNullException>("services", () => default(IServiceCollection)!.AddPrimaRedisCache(UseServer));

    [Fact]
    public void AddPrimaRedisCache_NullServicesAndLambdaWithServices_Throws() =>
        Assert.Throws<ArgumentNullException>("services", () => default(IServiceCollection)!.AddPrimaRedisCache((_, _) => { }));

    [Fact]
    public void AddPrimaRedisCache_NullServicesAndConfiguration_Throws() =>
        Assert.Throws<ArgumentNullException>("services", () => default(IServiceCollection)!.AddPrimaRedisCache(ServiceProviderExtensions.Configuration()));

    [Fact]
    public void AddPrimaRedisCache_NullLambda_Throws() =>
        Assert.Throws<ArgumentNullException>("configure", () => _services.AddPrimaRedisCache(default(Action<PrimaRedisCacheOptions>)!));

    [Fact]
    public void AddPrimaRedisCache_NullLambdaWithServices_Throws() =>
        Assert.Throws<ArgumentNullException>("configure", () => _services.AddPrimaRedisCache(default(Action<PrimaRedisCacheOptions, IServiceProvider>)!));

    [Fact]
    public void AddPrimaRedisCache_NullConfiguration_Throws() =>
        Assert.Throws<ArgumentNullException>("configuration", () => _services.AddPrimaRedisCache(default(IConfiguration)!));

    private static void UseServer(PrimaRedisCacheOptions options) => options.Configuration = "127.0.0.1:1";
}
