using System.Text.Json;

namespace Prima.Extensions.Caching.Redis.Perf.Results;

/// <summary>A ratio of throughputs that is judged: a line of perf/floors.json, which is reviewed like code.</summary>
/// <param name="Section">The section of the workload.</param>
/// <param name="Workload">What is done.</param>
/// <param name="Contender">Whose throughput.</param>
/// <param name="Against">Divided by whose.</param>
/// <param name="Goal">What we want to reach.</param>
/// <param name="AtLeast">Below this the gate is red: what was reached, less the noise.</param>
internal sealed record Floor(string Section, string Workload, string Contender, string Against, double Goal, double AtLeast)
{
    public static IReadOnlyList<Floor> All { get; } = JsonSerializer.Deserialize<Floor[]>(
        File.ReadAllText(Path.Combine(ResultStore.Root, "perf", "floors.json")),
        JsonSerializerOptions.Web)!;
}
