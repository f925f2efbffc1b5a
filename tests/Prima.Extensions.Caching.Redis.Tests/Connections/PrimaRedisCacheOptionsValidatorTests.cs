using Microsoft.Extensions.Options;
using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Connections;

public class PrimaRedisCacheOptionsValidatorTests
{
    public static TheoryData<string, string, string, Action<PrimaRedisCacheOptions>> WrongOptions => new()
    {
        { "Layout", "7", "Hash and String", options => options.Layout = (EntryLayout)7 },
        { "FailureMode", "-1", "Degrade and Throw", options => options.FailureMode = (FailureMode)(-1) },
        { "ConnectionPoolSize", "0", "1 to 64", options => options.ConnectionPoolSize = 0 },
        { "ConnectionPoolSize", "-1", "1 to 64", options => options.ConnectionPoolSize = -1 },
        { "ConnectionPoolSize", "65", "1 to 64", options => options.ConnectionPoolSize = 65 },
        { "BatchChunkSize", "0", "1 to 10000", options => options.BatchChunkSize = 0 },
        { "BatchChunkSize", "10001", "1 to 10000", options => options.BatchChunkSize = 10_001 },
        { "BatchChunkBytes", "1023", "1024 to 67108864", options => options.BatchChunkBytes = 1_023 },
        { "BatchChunkBytes", "67108865", "1024 to 67108864", options => options.BatchChunkBytes = 67_108_865 },
        { "SerializerFactory", "null", "any serializer factory", options => options.SerializerFactory = null! },
        { "ConnectTimeout", "00:00:00", "1 millisecond to 1 hour", options => options.ConnectTimeout = TimeSpan.Zero },
        { "ConnectTimeout", "-00:00:01", "1 millisecond to 1 hour", options => options.ConnectTimeout = TimeSpan.FromSeconds(-1) },
        { "ConnectTimeout", "01:00:00.0010000", "1 millisecond to 1 hour", options => options.ConnectTimeout = TimeSpan.FromMilliseconds(3_600_001) },
        { "CommandTimeout", "00:00:00.0009999", "1 millisecond to 1 hour", options => options.CommandTimeout = TimeSpan.FromTicks(9_999) },
        { "CommandTimeout", "-00:00:00.0010000", "1 millisecond to 1 hour", options => options.CommandTimeout = Timeout.InfiniteTimeSpan },
        { "CommandTimeout", "02:00:00", "1 millisecond to 1 hour", options => options.CommandTimeout = TimeSpan.FromHours(2) },
        { "KeepAlive", "00:00:00.9990000", "1 second to 1 hour", options => options.KeepAlive = TimeSpan.FromMilliseconds(999) },
        { "KeepAlive", "01:00:01", "1 second to 1 hour", options => options.KeepAlive = TimeSpan.FromSeconds(3_601) },
    };

    [Fact]
    public void Validate_OptionsAtTheirLowerLimits_Succeeds() =>
        Assert.True(Validate(options =>
        {
            options.Layout = EntryLayout.Hash;
            options.FailureMode = FailureMode.Degrade;
            options.ConnectionPoolSize = 1;
            options.BatchChunkSize = 1;
            options.BatchChunkBytes = 1_024;
            options.ConnectTimeout = TimeSpan.FromMilliseconds(1);
            options.CommandTimeout = TimeSpan.FromMilliseconds(1);
            options.KeepAlive = TimeSpan.FromSeconds(1);
        }).Succeeded);

    [Fact]
    public void Validate_OptionsAtTheirUpperLimits_Succeeds() =>
        Assert.True(Validate(options =>
        {
            options.Layout = EntryLayout.String;
            options.FailureMode = FailureMode.Throw;
            options.ConnectionPoolSize = 64;
            options.BatchChunkSize = 10_000;
            options.BatchChunkBytes = 64 * 1_024 * 1_024;
            options.ConnectTimeout = TimeSpan.FromHours(1);
            options.CommandTimeout = TimeSpan.FromHours(1);
            options.KeepAlive = TimeSpan.FromHours(1);
        }).Succeeded);

    [Fact]
    public void Validate_Defaults_Succeeds() => Assert.True(Validate(_ => { }).Succeeded);

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void Validate_WrongOption_NamesOptionValueAndWhatIsAllowed(string option, string value, string allowed, Action<PrimaRedisCacheOptions> configure) =>
        Assert.Equal([$"PrimaRedisCacheOptions.{option} is {value}. Allowed are {allowed}."], Validate(configure).Failures);

    [Fact]
    public void Validate_WrongServer_NamesOptionAndValue()
    {
        var failure = Assert.Single(Validate(options => options.Configuration = "http://server").Failures!);

        Assert.StartsWith("PrimaRedisCacheOptions.Configuration is 'http://server': its scheme must be redis or rediss. Accepted are ", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_ConfigurationOptionsWithoutEndpoints_NamesTheOption()
    {
        var failure = Assert.Single(Validate(options => options.ConfigurationOptions = new()).Failures!);

        Assert.StartsWith("PrimaRedisCacheOptions.ConfigurationOptions has no EndPoints", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_SeveralWrongOptions_NamesThemAll()
    {
        var failures = Validate(options =>
        {
            options.Layout = (EntryLayout)7;
            options.ConnectionPoolSize = 0;
            options.Configuration = "http://server";
        }).Failures;

        Assert.Equal(3, failures!.Count());
    }

    [Fact]
    public void Validate_FactoryGiven_AsksForNoServer() =>
        Assert.True(Validate(options =>
        {
            options.ConnectionMultiplexerFactory = () => new TaskCompletionSource<IConnectionMultiplexer>().Task;
            options.Configuration = "http://server";
        }).Succeeded);

    [Fact]
    public void ThrowIfInvalid_WrongOption_ThrowsWithTheFailure()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => PrimaRedisCacheOptionsValidator.ThrowIfInvalid(new() { Configuration = "server", ConnectionPoolSize = 65 }));

        Assert.Equal(["PrimaRedisCacheOptions.ConnectionPoolSize is 65. Allowed are 1 to 64."], exception.Failures);
    }

    private static ValidateOptionsResult Validate(Action<PrimaRedisCacheOptions> configure)
    {
        var options = new PrimaRedisCacheOptions { Configuration = "redis://server" };
        configure(options);
        return new PrimaRedisCacheOptionsValidator().Validate(name: null, options);
    }
}
