using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>The caches of one test class, each made once: its tests share them and use keys of their own.</summary>
public sealed class BatchSubjects : IAsyncDisposable
{
    private readonly Dictionary<(EntryLayout Layout, int Connections), BatchSubject> _subjects = [];

    public async Task<BatchSubject> GetAsync(IRedisServer server, EntryLayout layout, int connections)
    {
        if (!_subjects.TryGetValue((layout, connections), out var subject))
        {
            subject = _subjects[(layout, connections)] = await BatchSubject.CreateAsync(server, layout, connections);
        }

        return subject;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var subject in _subjects.Values)
        {
            await subject.DisposeAsync();
        }
    }
}
