using System.Globalization;
using OpenQA.Selenium;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>The sample's start page, as somebody in front of it sees and uses it.</summary>
public sealed class StartPage
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private readonly IWebDriver _driver;

    private StartPage(IWebDriver driver) => _driver = driver;

    public string Source => Text("source");

    public double ElapsedMilliseconds => double.Parse(Element("elapsed").GetDomAttribute("data-milliseconds")!, CultureInfo.InvariantCulture);

    public string Version => Text("version");

    public string Message => Text("message");

    public bool HasFailed => Element("message").GetDomAttribute("data-failed") == "true";

    public bool CanSave => Element("save").Enabled;

    public static async Task<StartPage> OpenAsync(IWebDriver driver, Uri address)
    {
        var page = new StartPage(driver);
        await driver.Navigate().GoToUrlAsync(address);
        await page.UntilReadyAsync();

        // What the test before this one left.
        page.SevereMessages();
        return page;
    }

    public async Task ReloadAsync()
    {
        await _driver.Navigate().RefreshAsync();
        await UntilReadyAsync();
    }

    public async Task ReadAsync(int id)
    {
        Type("patient-id", id.ToString(CultureInfo.InvariantCulture));
        await ClickAsync("read");
    }

    public void Type(string id, string text)
    {
        var field = Element(id);
        field.Clear();
        field.SendKeys(text);
    }

    public void Choose(string id, string option) => Element(id).FindElement(By.CssSelector($"option[value='{option}']")).Click();

    public string Value(string id) => Element(id).GetDomProperty("value")!;

    public string Text(string id) => Element(id).Text;

    public IReadOnlyList<string> Texts(string selector) => [.. Elements(selector).Select(element => element.Text)];

    public IReadOnlyList<IWebElement> Elements(string selector) => _driver.FindElements(By.CssSelector(selector));

    /// <summary>Clicks on what sends a request, and returns when its answer is shown.</summary>
    public Task ClickAsync(string id) => ClickAsync(Element(id));

    /// <inheritdoc cref="ClickAsync(string)"/>
    public async Task ClickAsync(IWebElement element)
    {
        var before = Count("data-answers");
        element.Click();
        await UntilAsync("the answer to a click is shown", () => Count("data-answers") > before && Count("data-busy") == 0);
    }

    /// <summary>Waits for what the page shows by itself.</summary>
    public static Task UntilAsync(string what, Func<bool> condition) => Poll.UntilAsync(what, s_deadline, condition);

    /// <summary>The errors in the browser's console since this was last asked.</summary>
    public IReadOnlyList<string> SevereMessages() =>
        [.. _driver.Manage().Logs.GetLog(LogType.Browser).Where(entry => entry.Level == LogLevel.Severe).Select(entry => entry.Message)];

    private Task UntilReadyAsync() => UntilAsync("the start page is filled", () => Element("clinic").GetDomAttribute("data-ready") == "true");

    private int Count(string attribute) => int.Parse(Element("clinic").GetDomAttribute(attribute)!, CultureInfo.InvariantCulture);

    private IWebElement Element(string id) => _driver.FindElement(By.Id(id));
}
