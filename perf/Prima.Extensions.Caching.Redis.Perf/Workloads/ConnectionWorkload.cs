using System.Diagnostics;
using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>A new cache, its first answer, and its end.</summary>
internal sealed class ConnectionWorkload(Func<Task<string>> configuration) : IWorkload
{
    public string Name => "connect, get, disconnect";

    public Task<IReadOnlyList<Contender>> PrepareAsync(RivalSet rivals) => Task.FromResult<IReadOnlyList<Contender>>(
        [.. RivalSet.Providers.Select(provider => new Contender(provider.Name, slice => RunAsync(provider.Create, slice), () => RunAsync(provider.Create, TimeSpan.Zero)))]);

    private async Task<long> RunAsync(Func<string, Rival> create, TimeSpan slice)
    {
        var server = await configuration();
        var start = Stopwatch.GetTimestamp();
        long connections = 0;
        do
        {
            await using var rival = create(server);
            if (await rival.GetAsync("nobody") is not null)
            {
                throw new InvalidOperationException("There is nothing under the key.");
            }

            connections++;
        }
        while (Stopwatch.GetElapsedTime(start) < slice);
        return connections;
    }
}
