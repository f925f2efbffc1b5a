using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.DependencyInjection;

public class KeyedPrimaRedisCacheTests
{
    private readonly ServiceCollection _services = new();

    [Fact]
    public async Task AddKeyedPrimaRedisCache_DistributedCache_IsTheCache()
    {
        await using var provider = TwoKeys();

        Assert.Same(provider.GetRequiredKeyedService<PrimaRedisCache>("a"), provider.GetRequiredKeyedService<IDistributedCache>("a"));
    }

    [Fact]
    public async Task AddKeyedPrimaRedisCache_BufferDistributedCache_IsTheCache()
    {
        await using var provider = TwoKeys();

        Assert.Same(provider.GetRequiredKeyedService<PrimaRedisCache>("a"), provider.GetRequiredKeyedService<IBufferDistributedCache>("a"));
    }

    [Fact]
    public async Task AddKeyedPrimaRedisCache_BatchCache_IsTheCache()
    {
        await using var provider = TwoKeys();

        Assert.Same(provider.GetRequiredKeyedService<PrimaRedisCache>("a"), provider.GetRequiredKeyedService<IBatchCache>("a"));
    }

    [Fact]
    public async Task AddKeyedPrimaRedisCache_OtherKey_IsAnotherCache()
    {
        await using var provider = TwoKeys();

        Assert.NotSame(provider.GetRequiredKeyedService<PrimaRedisCache>("a"), provider.GetRequiredKeyedService<PrimaRedisCache>("b"));
    }

    [Fact]
    public async Task AddKeyedPrimaRedisCache_BesideOneWithoutKey_IsAnotherCache()
    {
        _services.AddPrimaRedisCache(options => options.Configuration = "redis://default");
        await using var provider = TwoKeys();

        Assert.NotSame(provider.GetRequiredService<PrimaRedisCache>(), provider.GetRequiredKeyedService<PrimaRedisCache>("a"));
    }

    [Fact]
    public async Task AddKeyedPrimaRedisCache_OnlyKeys_RegistersNoneWithoutKey()
    {
        await using var provider = TwoKeys();

        Assert.Null(provider.GetService<IDistributedCache>());
    }

    [Fact]
    public async Task AddKeyedPrimaRedisCache_SameKeyTwice_IsStillOneCache()
    {
        TwoKeys();
        await using var provider = TwoKeys();

        Assert.Single(provider.GetKeyedServices<IDistributedCache>("a").Distinct());
    }

    [Theory]
    [InlineData("", "redis://default")]
    [InlineData("a", "redis://a")]
    [InlineData("b", "redis://b")]
    public async Task AddKeyedPrimaRedisCache_Keys_HaveOptionsOfTheirOwn(string name, string expected)
    {
        _services.AddPrimaRedisCache(options => options.Configuration = "redis://default");
        await using var provider = TwoKeys();

        Assert.Equal(expected, provider.CacheOptions(name).Configuration);
    }

    [Fact]
    public async Task AddKeyedPrimaRedisCache_WrongOptionsOfOneKey_LeaveTheOtherAlone()
    {
        _services.AddKeyedPrimaRedisCache("wrong", options => options.Configuration = "http://server");
        await using var provider = TwoKeys();

        Assert.NotNull(provider.GetRequiredKeyedService<PrimaRedisCache>("a"));
    }

    [Fact]
    public async Task AddKeyedPrimaRedisCache_WrongOptionsOfOneKey_CannotBeMade()
    {
        _services.AddKeyedPrimaRedisCache("wrong", options => options.Configuration = "http://server");
        await using var provider = TwoKeys();

        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredKeyedService<PrimaRedisCache>("wrong"));
    }

    [Fact]
    public async Task AddKeyedPrimaRedisCache_Section_IsWhatTheLambdaLeavesOpen()
    {
        _services.AddConfiguration("PrimaRedisCache:Configuration=redis://section", "PrimaRedisCache:InstanceName=section");
        await using var provider = TwoKeys();

        Assert.Equal(("redis://a", "section"), (provider.CacheOptions("a").Configuration, provider.CacheOptions("a").InstanceName));
    }

    [Fact]
    public void AddKeyedPrimaRedisCache_StringKey_BuilderHasServicesAndNames()
    {
        var builder = _services.AddKeyedPrimaRedisCache("a", UseServer);

        Assert.Equal((_services, "a", "a"), (builder.Services, builder.ServiceKey, builder.OptionsName));
    }

    [Fact]
    public void AddKeyedPrimaRedisCache_OtherKey_BuilderHasTheKey() => Assert.Equal(7, _services.AddKeyedPrimaRedisCache(7, UseServer).ServiceKey);

    [Fact]
    public void AddKeyedPrimaRedisCache_KeysThatReadAlike_HaveOtherOptions()
    {
        string[] names = [_services.AddKeyedPrimaRedisCache(7, UseServer).OptionsName, _services.AddKeyedPrimaRedisCache(7L, UseServer).OptionsName, _services.AddKeyedPrimaRedisCache("7", UseServer).OptionsName];

        Assert.Distinct(names);
    }

    // "" is the name of the options without a name.
    [Fact]
    public async Task AddKeyedPrimaRedisCache_EmptyKeyBesideOneWithoutKey_HasOptionsOfItsOwn()
    {
        _services.AddPrimaRedisCache(options => options.Configuration = "redis://default");
        _services.AddKeyedPrimaRedisCache("", options => options.Configuration = "redis://keyed");
        await using var provider = _services.BuildServiceProvider();

        Assert.Equal("redis://default", provider.CacheOptions().Configuration);
    }

    // Two keys of a class that does not override ToString.
    [Fact]
    public void AddKeyedPrimaRedisCache_ObjectsAsKeys_HaveOtherOptions() =>
        Assert.NotEqual(
            _services.AddKeyedPrimaRedisCache(new object(), UseServer).OptionsName,
            _services.AddKeyedPrimaRedisCache(new object(), UseServer).OptionsName);

    [Fact]
    public void AddKeyedPrimaRedisCache_NullServices_Throws() =>
        Assert.Throws<ArgumentNullException>("services", () => default(IServiceCollection)!.AddKeyedPrimaRedisCache("a", UseServer));

    [Fact]
    public void AddKeyedPrimaRedisCache_NullKey_Throws() =>
        Assert.Throws<ArgumentNullException>("serviceKey", () => _services.AddKeyedPrimaRedisCache(null!, UseServer));

    [Fact]
    public void AddKeyedPrimaRedisCache_NullLambda_Throws() =>
        Assert.Throws<ArgumentNullException>("configure", () => _services.AddKeyedPrimaRedisCache("a", null!));

    private static void UseServer(PrimaRedisCacheOptions options) => options.Configuration = "127.0.0.1:1";

    private ServiceProvider TwoKeys()
    {
        _services.AddKeyedPrimaRedisCache("a", options => options.Configuration = "redis://a");
        _services.AddKeyedPrimaRedisCache("b", options => options.Configuration = "redis://b");
        return _services.BuildServiceProvider();
    }
}
