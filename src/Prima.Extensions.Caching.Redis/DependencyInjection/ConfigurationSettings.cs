using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Prima.Extensions.Caching.Redis.DependencyInjection;

/// <summary>Reads the options that can stand in a configuration file.</summary>
/// <remarks>By hand: the configuration binder would descend into the client's ConfigurationOptions, and its errors do not say what is allowed.</remarks>
internal static class ConfigurationSettings
{
    public const string SectionName = "PrimaRedisCache";

    /// <summary>Sets what <paramref name="configuration"/> has a value for, and leaves the rest.</summary>
    /// <exception cref="OptionsValidationException">A value cannot be read; the message names its path, the value, and what is accepted.</exception>
    public static void Apply(IConfiguration configuration, PrimaRedisCacheOptions options)
    {
        options.Configuration = configuration[nameof(options.Configuration)] ?? options.Configuration;
        options.InstanceName = configuration[nameof(options.InstanceName)] ?? options.InstanceName;
        options.Layout = ReadEnum(configuration, nameof(options.Layout), options.Layout);
        options.FailureMode = ReadEnum(configuration, nameof(options.FailureMode), options.FailureMode);
        options.UseDedicatedThreads = Read(configuration, nameof(options.UseDedicatedThreads), options.UseDedicatedThreads, bool.TryParse, "true and false");
        options.LogKeys = Read(configuration, nameof(options.LogKeys), options.LogKeys, bool.TryParse, "true and false");
        options.ConnectionPoolSize = Read(configuration, nameof(options.ConnectionPoolSize), options.ConnectionPoolSize, TryParseInt, "whole numbers");
        options.BatchChunkSize = Read(configuration, nameof(options.BatchChunkSize), options.BatchChunkSize, TryParseInt, "whole numbers");
        options.BatchChunkBytes = Read(configuration, nameof(options.BatchChunkBytes), options.BatchChunkBytes, TryParseInt, "whole numbers");
        options.MaximumValueBytes = Read(configuration, nameof(options.MaximumValueBytes), options.MaximumValueBytes, TryParseInt, "whole numbers");
        options.JournalCapacity = Read(configuration, nameof(options.JournalCapacity), options.JournalCapacity, TryParseInt, "whole numbers");
        if (configuration[nameof(options.ServerSamplingInterval)] is not null)
        {
            options.ServerSamplingInterval = ReadTime(configuration, nameof(options.ServerSamplingInterval));
        }

        // Assigned only when given, because an assigned timeout beats the one in the connection string.
        if (configuration[nameof(options.ConnectTimeout)] is not null)
        {
            options.ConnectTimeout = ReadTime(configuration, nameof(options.ConnectTimeout));
        }

        if (configuration[nameof(options.CommandTimeout)] is not null)
        {
            options.CommandTimeout = ReadTime(configuration, nameof(options.CommandTimeout));
        }

        if (configuration[nameof(options.KeepAlive)] is not null)
        {
            options.KeepAlive = ReadTime(configuration, nameof(options.KeepAlive));
        }
    }

    private delegate bool TryParse<T>(string? text, out T value);

    private static T Read<T>(IConfiguration configuration, string name, T present, TryParse<T> tryParse, string accepted) =>
        configuration[name] is not { } text ? present
        : tryParse(text, out var value) ? value
        : throw Unreadable(configuration, name, text, accepted);

    private static T ReadEnum<T>(IConfiguration configuration, string name, T present)
        where T : struct, Enum
        => Read(configuration, name, present, (string? text, out T value) => Enum.TryParse(text, ignoreCase: true, out value), string.Join(" and ", Enum.GetNames<T>()));

    private static TimeSpan ReadTime(IConfiguration configuration, string name) =>
        Read(configuration, name, TimeSpan.Zero, TryParseTime, "times such as 00:00:05 or 00:00:00.500");

    private static bool TryParseInt(string? text, out int value) => int.TryParse(text, CultureInfo.InvariantCulture, out value);

    private static bool TryParseTime(string? text, out TimeSpan value) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);

    private static OptionsValidationException Unreadable(IConfiguration configuration, string name, string text, string accepted)
    {
        var path = configuration is IConfigurationSection section ? ConfigurationPath.Combine(section.Path, name) : name;
        return new(SectionName, typeof(PrimaRedisCacheOptions), [$"{path} is '{text}' in the application's configuration. Accepted are {accepted}."]);
    }
}
