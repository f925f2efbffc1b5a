using System.Text.Json.Serialization;

namespace Clinic.Statistics;

/// <summary>Where a record came from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReadSource>))]
internal enum ReadSource
{
    /// <summary>From Redis: a hit.</summary>
    [JsonStringEnumMemberName("cache")]
    Cache = 0,

    /// <summary>From the slow store: a miss, or an update.</summary>
    [JsonStringEnumMemberName("store")]
    Store = 1,
}
