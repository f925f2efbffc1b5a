namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

/// <summary>Where Microsoft's provider does something else than the suite asks. Each is pinned by the test that asks, so that a change there is noticed.</summary>
[Flags]
public enum KnownDifferences
{
    None = 0,

    /// <summary>A lifetime below one second is cut to none: the entry is deleted as soon as it is set.</summary>
    CutsToWholeSeconds = 1 << 0,

    /// <summary>An entry that is overwritten without an expiration keeps the TTL it had.</summary>
    KeepsTtlWhenOverwritten = 1 << 1,

    /// <summary>An absolute expiration that is not in UTC is stored as local time and read as UTC.</summary>
    TakesLocalTimeForUtc = 1 << 2,

    /// <summary>A value of another type under the key makes every operation throw, and its TTL is changed all the same.</summary>
    ThrowsOnForeignValues = 1 << 3,

    /// <summary>A hash with expirations but no value has its TTL extended by reads.</summary>
    RefreshesWithoutValue = 1 << 4,

    /// <summary>An entry whose TTL was lost is served past its absolute expiration.</summary>
    TrustsTtlAlone = 1 << 5,

    /// <summary>A null value is reported under another parameter name, and before the task.</summary>
    NamesNullValueArray = 1 << 6,

    /// <summary>A relative expiration beyond year 9999 throws.</summary>
    OverflowsOnEndlessLifetimes = 1 << 7,

    /// <summary>All of them.</summary>
    OfMicrosoft = CutsToWholeSeconds | KeepsTtlWhenOverwritten | TakesLocalTimeForUtc | ThrowsOnForeignValues | RefreshesWithoutValue | TrustsTtlAlone
        | NamesNullValueArray | OverflowsOnEndlessLifetimes,
}
