namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Whether a server takes transactions, as far as it is known.</summary>
internal enum TransactionSupport
{
    Unknown,
    Seen,
    Refused,
}
