using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>Checks the options before anything is connected. Every failure names the option, the value, and what is allowed.</summary>
internal sealed class PrimaRedisCacheOptionsValidator : IValidateOptions<PrimaRedisCacheOptions>
{
    private const int MaximumPoolSize = 64;
    private const int MaximumBatchChunkSize = 10_000;
    private const int MinimumValueBytes = 1024;
    private const int MaximumValueBytes = 512 * 1024 * 1024;
    private const int MaximumJournalCapacity = 10_000_000;
    private const int MinimumBatchChunkBytes = 1024;
    private const int MaximumBatchChunkBytes = 64 * 1024 * 1024;

    public static void ThrowIfInvalid(PrimaRedisCacheOptions options)
    {
        var failures = Failures(options).ToList();
        if (failures.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(PrimaRedisCacheOptions), failures);
        }
    }

    public ValidateOptionsResult Validate(string? name, PrimaRedisCacheOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> Failures(PrimaRedisCacheOptions options)
    {
        if (!Enum.IsDefined(options.Layout))
        {
            yield return Failure(nameof(options.Layout), options.Layout, string.Join(" and ", Enum.GetNames<EntryLayout>()));
        }

        if (!Enum.IsDefined(options.FailureMode))
        {
            yield return Failure(nameof(options.FailureMode), options.FailureMode, string.Join(" and ", Enum.GetNames<FailureMode>()));
        }

        if (options.ConnectionPoolSize is < 1 or > MaximumPoolSize)
        {
            yield return Failure(nameof(options.ConnectionPoolSize), options.ConnectionPoolSize, $"1 to {MaximumPoolSize}");
        }

        if (options.BatchChunkSize is < 1 or > MaximumBatchChunkSize)
        {
            yield return Failure(nameof(options.BatchChunkSize), options.BatchChunkSize, $"1 to {MaximumBatchChunkSize}");
        }

        if (options.BatchChunkBytes is < MinimumBatchChunkBytes or > MaximumBatchChunkBytes)
        {
            yield return Failure(nameof(options.BatchChunkBytes), options.BatchChunkBytes, $"{MinimumBatchChunkBytes} to {MaximumBatchChunkBytes}");
        }

        if (options.MaximumValueBytes is < MinimumValueBytes or > MaximumValueBytes)
        {
            yield return Failure(nameof(options.MaximumValueBytes), options.MaximumValueBytes, $"{MinimumValueBytes} to {MaximumValueBytes}");
        }

        if (options.JournalCapacity is < 1 or > MaximumJournalCapacity)
        {
            yield return Failure(nameof(options.JournalCapacity), options.JournalCapacity, $"1 to {MaximumJournalCapacity}");
        }

        if (options.ServerSamplingInterval is { } interval && !IsBetween(interval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)))
        {
            yield return Failure(nameof(options.ServerSamplingInterval), interval, "1 second to 1 day, and null for never");
        }

        if (options.SerializerFactory is null)
        {
            yield return Failure(nameof(options.SerializerFactory), "null", "any serializer factory");
        }

        if (!IsBetween(options.ConnectTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)))
        {
            yield return Failure(nameof(options.ConnectTimeout), options.ConnectTimeout, "1 millisecond to 1 hour");
        }

        if (!IsBetween(options.CommandTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)))
        {
            yield return Failure(nameof(options.CommandTimeout), options.CommandTimeout, "1 millisecond to 1 hour");
        }

        if (!IsBetween(options.KeepAlive, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)))
        {
            yield return Failure(nameof(options.KeepAlive), options.KeepAlive, "1 second to 1 hour");
        }

        if (options.ConnectionMultiplexerFactory is null && !TryResolve(options, out var failure))
        {
            yield return failure;
        }
    }

    private static bool TryResolve(PrimaRedisCacheOptions options, [NotNullWhen(false)] out string? failure)
    {
        try
        {
            ServerConfiguration.Resolve(options, Environment.GetEnvironmentVariable);
            failure = null;
            return true;
        }
        catch (FormatException exception)
        {
            failure = exception.Message;
            return false;
        }
    }

    private static bool IsBetween(TimeSpan value, TimeSpan minimum, TimeSpan maximum) => value >= minimum && value <= maximum;

    private static string Failure(string option, object value, string allowed) =>
        $"{nameof(PrimaRedisCacheOptions)}.{option} is {value}. Allowed are {allowed}.";
}
