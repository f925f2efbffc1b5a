using Microsoft.Extensions.Options;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>Checks the options. Every failure names the option, the value, and what is allowed.</summary>
internal sealed class PrimaHybridCacheOptionsValidator : IValidateOptions<PrimaHybridCacheOptions>
{
    private const int Many = 100_000_000;

    public ValidateOptionsResult Validate(string? name, PrimaHybridCacheOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> Failures(PrimaHybridCacheOptions options)
    {
        if (options.MaximumLocalEntries is < 1 or > Many)
        {
            yield return Failure(nameof(options.MaximumLocalEntries), options.MaximumLocalEntries, "1 to 100,000,000");
        }

        if (options.MaximumLocalBytes is < 64 * 1024 or > 1L << 40)
        {
            yield return Failure(nameof(options.MaximumLocalBytes), options.MaximumLocalBytes, "64 KiB to 1 TiB, in bytes");
        }

        if (options.MaximumTags is < 16 or > Many)
        {
            yield return Failure(nameof(options.MaximumTags), options.MaximumTags, "16 to 100,000,000");
        }

        if (options.OutageLocalExpiration < TimeSpan.Zero || options.OutageLocalExpiration > TimeSpan.FromHours(1))
        {
            yield return Failure(nameof(options.OutageLocalExpiration), options.OutageLocalExpiration, "0 to 1 hour");
        }

        if (options.LeaseDuration < TimeSpan.FromMilliseconds(100) || options.LeaseDuration > TimeSpan.FromHours(1))
        {
            yield return Failure(nameof(options.LeaseDuration), options.LeaseDuration, "100 milliseconds to 1 hour");
        }
    }

    private static string Failure(string option, object value, string allowed) =>
        $"{nameof(PrimaHybridCacheOptions)}.{option} is {value}. Allowed are {allowed}.";
}
