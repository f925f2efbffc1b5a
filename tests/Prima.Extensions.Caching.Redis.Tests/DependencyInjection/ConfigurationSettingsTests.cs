using Microsoft.Extensions.Options;
using Prima.Extensions.Caching.Redis.DependencyInjection;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.DependencyInjection;

public class ConfigurationSettingsTests
{
    // Delegates and the client's own options cannot stand in a file.
    private static readonly string[] OptionsOfCodeOnly = ["ConfigurationOptions", "ConnectionMultiplexerFactory", "ProfilingSession", "SerializerFactory"];

    [Theory]
    [InlineData("Configuration=redis://server", "redis://server")]
    [InlineData("InstanceName=clinic:", "clinic:")]
    [InlineData("Layout=String", "String")]
    [InlineData("Layout=string", "String")]
    [InlineData("FailureMode=Throw", "Throw")]
    [InlineData("ConnectionPoolSize=3", "3")]
    [InlineData("BatchChunkSize=3", "3")]
    [InlineData("BatchChunkBytes=4096", "4096")]
    [InlineData("ConnectTimeout=00:00:07", "00:00:07")]
    [InlineData("CommandTimeout=00:00:00.500", "00:00:00.5000000")]
    [InlineData("KeepAlive=00:01:00", "00:01:00")]
    [InlineData("UseDedicatedThreads=true", "True")]
    [InlineData("LogKeys=True", "True")]
    public void Apply_Value_IsSet(string line, string expected) => Assert.Equal(expected, Value(Apply(line), line.Split('=')[0]));

    [Fact]
    public void Apply_EveryOptionThatIsNoCode_CanBeConfigured()
    {
        var settable = typeof(PrimaRedisCacheOptions).GetProperties().Select(property => property.Name).Except(OptionsOfCodeOnly);

        // An option that is not looked at would not be found unreadable. Text is never unreadable.
        Assert.Equal(["Configuration", "InstanceName"], settable.Where(name => Record.Exception(() => Apply($"{name}=?")) is null).Order());
    }

    [Fact]
    public void Apply_NoValues_LeavesWhatWasSet()
    {
        var options = new PrimaRedisCacheOptions
        {
            Configuration = "redis://server",
            InstanceName = "clinic:",
            Layout = EntryLayout.String,
            FailureMode = FailureMode.Throw,
            ConnectionPoolSize = 3,
            BatchChunkSize = 4,
            BatchChunkBytes = 5_000,
            ConnectTimeout = TimeSpan.FromSeconds(1),
            CommandTimeout = TimeSpan.FromSeconds(2),
            KeepAlive = TimeSpan.FromSeconds(3),
            UseDedicatedThreads = true,
            LogKeys = true,
        };
        var before = Values(options);

        ConfigurationSettings.Apply(ServiceProviderExtensions.Configuration(), options);

        Assert.Equal(before, Values(options));
    }

    [Fact]
    public void Apply_NoTimes_LeavesThemToTheConnectionString()
    {
        var options = Apply("Configuration=redis://server");

        Assert.Equal((null, null, null), (options.ConnectTimeoutIfSet, options.CommandTimeoutIfSet, options.KeepAliveIfSet));
    }

    [Theory]
    [InlineData("Layout", "Hsh", "Hash and String")]
    [InlineData("FailureMode", "Ignore", "Degrade and Throw")]
    [InlineData("ConnectionPoolSize", "many", "whole numbers")]
    [InlineData("ConnectionPoolSize", "1.5", "whole numbers")]
    [InlineData("BatchChunkSize", "many", "whole numbers")]
    [InlineData("BatchChunkBytes", "4 KiB", "whole numbers")]
    [InlineData("ConnectTimeout", "soon", "times such as 00:00:05 or 00:00:00.500")]
    [InlineData("CommandTimeout", "5s", "times such as 00:00:05 or 00:00:00.500")]
    [InlineData("KeepAlive", "", "times such as 00:00:05 or 00:00:00.500")]
    [InlineData("UseDedicatedThreads", "yes", "true and false")]
    [InlineData("LogKeys", "1", "true and false")]
    public void Apply_UnreadableValueInASection_NamesPathValueAndWhatIsAccepted(string option, string value, string accepted)
    {
        var section = ServiceProviderExtensions.Configuration($"Clinic:Redis:{option}={value}").GetSection("Clinic:Redis");

        var exception = Assert.Throws<OptionsValidationException>(() => ConfigurationSettings.Apply(section, new()));

        Assert.Equal($"Clinic:Redis:{option} is '{value}' in the application's configuration. Accepted are {accepted}.", exception.Message);
    }

    [Fact]
    public void Apply_UnreadableValueInARoot_NamesTheOption()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Apply("Layout=Hsh"));

        Assert.StartsWith("Layout is 'Hsh'", exception.Message, StringComparison.Ordinal);
    }

    private static PrimaRedisCacheOptions Apply(params string[] lines)
    {
        var options = new PrimaRedisCacheOptions();
        ConfigurationSettings.Apply(ServiceProviderExtensions.Configuration(lines), options);
        return options;
    }

    private static Dictionary<string, string> Values(PrimaRedisCacheOptions options) =>
        typeof(PrimaRedisCacheOptions).GetProperties().ToDictionary(property => property.Name, property => Value(options, property.Name));

    private static string Value(PrimaRedisCacheOptions options, string property) => $"{typeof(PrimaRedisCacheOptions).GetProperty(property)!.GetValue(options)}";
}
