using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>The Chromium that is installed on this machine, without a window, with a profile that is thrown away.</summary>
internal sealed class Browser : IDisposable
{
    private static readonly TimeSpan s_commandDeadline = TimeSpan.FromSeconds(60);

    private static readonly string[] s_arguments =
    [
        // The tests may run as root, and the only pages are our own.
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1200,1400",
        // Nothing leaves this machine.
        "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("clinic-browser-");
    private readonly ChromeDriver _driver;

    private Browser(string chromium, FileInfo driver)
    {
        var options = new ChromeOptions { BinaryLocation = chromium };
        options.AddArguments([.. s_arguments, $"--user-data-dir={_profile.FullName}"]);
        options.SetLoggingPreference(LogType.Browser, LogLevel.All);

        // With both paths given, Selenium does not look for a browser, and does not download one.
        var service = ChromeDriverService.CreateDefaultService(driver.DirectoryName, driver.Name);
        try
        {
            _driver = new ChromeDriver(service, options, s_commandDeadline);
        }
        catch
        {
            service.Dispose();
            _profile.Delete(recursive: true);
            throw;
        }
    }

    public IWebDriver Driver => _driver;

    /// <summary>Starts one; where there is none to start, the test is skipped, or fails where everything is required.</summary>
    public static Browser Start() => new(
        Demand("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        new FileInfo(Demand("chromedriver")));

    public void Dispose()
    {
        _driver.Quit();
        _driver.Dispose();
        _profile.Delete(recursive: true);
    }

    // No kind of Redis is asked for here, so that none can have left the browser out by choice.
    private static string Demand(params string[] names) => Find(names) ?? throw TestEnvironment.Missing(
        TestEnvironment.Choice ?? ServerKind.Embedded,
        $"there is no {string.Join(" or ", names)} on PATH. Install Chromium and its driver (Debian: apt-get install chromium chromium-driver).");

    private static string? Find(string[] names) =>
        (from folder in Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? []
         from name in names
         let path = Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)
         where File.Exists(path)
         select path).FirstOrDefault();
}
