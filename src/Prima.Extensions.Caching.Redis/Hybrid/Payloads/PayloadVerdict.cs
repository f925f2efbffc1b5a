namespace Prima.Extensions.Caching.Redis.Hybrid.Payloads;

/// <summary>Whether bytes from Redis are a payload for the key that was asked for.</summary>
internal enum PayloadVerdict
{
    Valid,

    /// <summary>They do not begin like a payload of a version that is known.</summary>
    NotRecognized,

    /// <summary>They begin like a payload, and are none: cut off, or with a length that cannot be.</summary>
    Malformed,

    /// <summary>They are the payload of another key.</summary>
    OtherKey,
}
