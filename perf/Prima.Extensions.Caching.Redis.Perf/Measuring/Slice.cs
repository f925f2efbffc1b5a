using System.Text.Json.Serialization;

namespace Prima.Extensions.Caching.Redis.Perf.Measuring;

/// <summary>What one contender did in one round.</summary>
/// <param name="PerSecond">Operations, or entries of batches, in a second.</param>
/// <param name="Bytes">Allocated in the process per operation.</param>
/// <param name="ClientMicroseconds">Processor time of this process per operation.</param>
/// <param name="ServerMicroseconds">Processor time of the server per operation; 0 where it is not known.</param>
internal sealed record Slice(
    [property: JsonPropertyName("perSecond")] double PerSecond,
    [property: JsonPropertyName("bytes")] double Bytes,
    [property: JsonPropertyName("client")] double ClientMicroseconds,
    [property: JsonPropertyName("server")] double ServerMicroseconds);
