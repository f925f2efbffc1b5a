namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>The sample on a port of the loopback interface, and a browser, for a test class; started by its first test.</summary>
public sealed class ClinicInBrowser : IDisposable
{
    private readonly Lazy<Browser> _browser = new(Browser.Start);
    private readonly Lazy<ClinicApplication> _application = new(static () =>
    {
        var application = new ClinicApplication(redis: "");
        application.UseKestrel(port: 0);
        application.StartServer();
        return application;
    });

    /// <summary>Opens the start page. The browser comes first: where it is missing, nothing else need start.</summary>
    public Task<StartPage> OpenAsync()
    {
        var driver = _browser.Value.Driver;
        return StartPage.OpenAsync(driver, _application.Value.ClientOptions.BaseAddress);
    }

    /// <inheritdoc cref="ClinicApplication.NextPatientAsync"/>
    public Task<int> NextPatientAsync() => _application.Value.NextPatientAsync();

    public void Dispose()
    {
        if (_browser.IsValueCreated)
        {
            _browser.Value.Dispose();
        }

        if (_application.IsValueCreated)
        {
            _application.Value.Dispose();
        }
    }
}
