namespace Clinic.Statistics;

/// <summary>What <c>GET /stats</c> answers.</summary>
/// <param name="Server">Host and port of the server that holds the cache.</param>
/// <param name="Embedded">Whether that server runs in this process.</param>
/// <param name="Running">Whether the embedded server runs; <see langword="null"/> where the page cannot stop it.</param>
/// <param name="Hits">Reads that the cache answered.</param>
/// <param name="Misses">Reads that went to the store.</param>
/// <param name="Recent">The last reads, oldest first.</param>
internal sealed record StatisticsAnswer(string Server, bool Embedded, bool? Running, long Hits, long Misses, IReadOnlyList<ReadSample> Recent);
