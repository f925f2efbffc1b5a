namespace Prima.Extensions.Caching.Redis.Hybrid.Payloads;

/// <summary>A value takes more bytes than allowed.</summary>
internal sealed class PayloadTooLargeException(int limit) : Exception($"The value takes more than {limit} bytes.");
