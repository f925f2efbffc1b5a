namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>One running sample for a test class, started by its first test, so that a missing server skips the tests.</summary>
/// <param name="findRedis">Says where Redis is; empty is the sample's own Garnet.</param>
public abstract class ClinicFixture(Func<Task<string>> findRedis) : IAsyncDisposable
{
    private readonly Lazy<Task<ClinicApplication>> _application = new(() => Task.Run(async () => new ClinicApplication(await findRedis())));

    public Task<ClinicApplication> GetAsync() => _application.Value;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_application is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _application.Value).DisposeAsync();
        }
    }
}
