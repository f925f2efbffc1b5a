using System.Globalization;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>The sample's start page in a browser, against the sample on a real port.</summary>
public sealed class ClinicStartPageTests(ClinicInBrowser clinic) : IClassFixture<ClinicInBrowser>
{
    [Fact]
    public async Task Read_SamePatientTwice_ShowsStoreThenCache()
    {
        var page = await clinic.OpenAsync();
        var id = await clinic.NextPatientAsync();

        await page.ReadAsync(id);
        Assert.Equal("store", page.Source);
        Assert.InRange(page.ElapsedMilliseconds, ClinicApplication.StoreDelay.TotalMilliseconds - 5, double.MaxValue);
        var name = page.Value("name");
        Assert.NotEmpty(name);

        await page.ReadAsync(id);
        Assert.Equal("cache", page.Source);
        Assert.Equal(name, page.Value("name"));
        Assert.Empty(page.SevereMessages());
    }

    [Fact]
    public async Task Save_ChangedNote_IsShownAndComesFromTheCache()
    {
        var page = await clinic.OpenAsync();
        var id = await clinic.NextPatientAsync();
        await page.ReadAsync(id);

        page.Type("note", "Grüße, \"<b>quoted</b>\"");
        await page.ClickAsync("save");
        Assert.Equal(("2", "Grüße, \"<b>quoted</b>\""), (page.Version, page.Value("note")));

        await page.ReloadAsync();
        await page.ReadAsync(id);
        Assert.Equal(("cache", "2", "Grüße, \"<b>quoted</b>\""), (page.Source, page.Version, page.Value("note")));
        Assert.Empty(page.SevereMessages());
    }

    [Fact]
    public async Task Drop_CachedPatient_IsReadFromStoreAgain()
    {
        var page = await clinic.OpenAsync();
        var id = await clinic.NextPatientAsync();
        await page.ReadAsync(id);
        await page.ReadAsync(id);
        Assert.Equal("cache", page.Source);

        await page.ClickAsync("drop");
        Assert.False(page.HasFailed);

        await page.ReadAsync(id);
        Assert.Equal("store", page.Source);
        Assert.Empty(page.SevereMessages());
    }

    [Fact]
    public async Task Remove_ReadPatient_IsUnknownAfterwards()
    {
        var page = await clinic.OpenAsync();
        var id = await clinic.NextPatientAsync();
        await page.ReadAsync(id);
        Assert.True(page.CanSave);

        await page.ClickAsync("remove");
        Assert.False(page.HasFailed);
        Assert.False(page.CanSave);
        Assert.Empty(page.SevereMessages());

        await page.ReadAsync(id);
        Assert.True(page.HasFailed);
        Assert.Contains($"No patient has the id {id}", page.Message, StringComparison.Ordinal);

        // The browser notes every refused request.
        Assert.All(page.SevereMessages(), message => Assert.Contains("404", message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Read_WrongId_SaysWhatIsAllowed()
    {
        var page = await clinic.OpenAsync();

        await page.ReadAsync(0);

        Assert.True(page.HasFailed);
        Assert.Contains("whole number", page.Message, StringComparison.Ordinal);
        Assert.All(page.SevereMessages(), message => Assert.Contains("400", message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ward_ListedTwice_ComesFromTheCacheAndOpensAPatient()
    {
        var page = await clinic.OpenAsync();
        page.Choose("ward", "willow");

        await page.ClickAsync("list");
        var count = page.Elements("#ward-patients tr").Count;
        Assert.NotEqual(0, count);

        await page.ClickAsync("list");
        Assert.All(page.Texts("#ward-patients td[data-source]"), source => Assert.EndsWith("cache", source, StringComparison.Ordinal));
        Assert.Contains($"{count} from the cache, 0 from the store", page.Text("ward-summary"), StringComparison.Ordinal);

        await page.ClickAsync(page.Elements("#ward-patients button")[0]);
        Assert.Equal(("cache", "willow"), (page.Source, page.Value("ward-of-patient")));
        Assert.Empty(page.SevereMessages());
    }

    [Fact]
    public async Task Ward_NameWithMarkup_IsShownAsText()
    {
        const string name = "<img src=x onerror=alert(1)>";
        var page = await clinic.OpenAsync();
        await page.ReadAsync(await clinic.NextPatientAsync());
        page.Type("name", name);
        await page.ClickAsync("save");

        page.Choose("ward", page.Value("ward-of-patient"));
        await page.ClickAsync("list");

        Assert.Contains(name, page.Texts("#ward-patients td"));
        Assert.Empty(page.Elements("#ward-patients img"));
        Assert.Empty(page.SevereMessages());
    }

    [Fact]
    public async Task Statistics_AfterReads_ShowCountsMediansAndChart()
    {
        var page = await clinic.OpenAsync();
        var id = await clinic.NextPatientAsync();
        var (hits, misses) = (Number("hits"), Number("misses"));

        await page.ReadAsync(id);
        await page.ReadAsync(id);
        await page.ReadAsync(id);

        await StartPage.UntilAsync("two hits and a miss more are counted", () => (Number("hits"), Number("misses")) == (hits + 2, misses + 1));
        Assert.Matches(@"^\d+(\.\d+)? ms$", page.Text("median-cache"));
        Assert.Matches(@"^\d+(\.\d+)? ms$", page.Text("median-store"));
        Assert.Contains("embedded Garnet", page.Text("server"), StringComparison.Ordinal);

        // One of each is the legend.
        Assert.InRange(page.Elements("#latency-chart circle.cache").Count, 3, int.MaxValue);
        Assert.InRange(page.Elements("#latency-chart path.store").Count, 2, int.MaxValue);
        Assert.Empty(page.SevereMessages());

        int Number(string element) => int.Parse(page.Text(element), CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Outage_StoppedAndStarted_IsShownLive()
    {
        var page = await clinic.OpenAsync();
        var id = await clinic.NextPatientAsync();
        await page.ReadAsync(id);
        await StartPage.UntilAsync("the cache is shown as healthy", () => page.Text("health").EndsWith("Healthy", StringComparison.Ordinal));
        Assert.Empty(page.Text("outage"));

        await page.ClickAsync("toggle-redis");
        await StartPage.UntilAsync("the banner says it", () => page.Text("outage").Contains("Redis cannot be used", StringComparison.Ordinal));
        Assert.EndsWith("Degraded", page.Text("health"), StringComparison.Ordinal);
        Assert.Equal(("open", "Start Redis"), (page.Text("breaker"), page.Text("toggle-redis")));

        // What is removed now, Redis has to be told later; who works with the page need not wait for that.
        await page.ReadAsync(id);
        Assert.Equal("store", page.Source);
        await page.ClickAsync("drop");
        Assert.False(page.HasFailed);
        await StartPage.UntilAsync("the removal is counted", () => page.Text("journal") != "0");
        await StartPage.UntilAsync("the chart shows it", () => page.Elements("#latency-chart rect.away").Count > 1);

        await page.ClickAsync("toggle-redis");
        await StartPage.UntilAsync("the banner says that it is over", () => page.Text("outage").Contains("Redis is back", StringComparison.Ordinal));
        Assert.Equal(("closed", "0", "Stop Redis"), (page.Text("breaker"), page.Text("journal"), page.Text("toggle-redis")));
        await page.ReadAsync(id);
        await page.ReadAsync(id);
        Assert.Equal("cache", page.Source);
        Assert.Empty(page.SevereMessages());
    }

    [Fact]
    public async Task Ward_ListedEverySecond_GoesOnByItself()
    {
        var page = await clinic.OpenAsync();
        page.Choose("ward", "maple");

        page.Elements("#keep-listing")[0].Click();

        await StartPage.UntilAsync("it was listed three times", () => page.Texts("#answers li").Count(answer => answer.Contains("/wards/maple", StringComparison.Ordinal)) >= 3);
        Assert.Empty(page.SevereMessages());
    }

    [Fact]
    public async Task Visits_PageReloaded_CountUp()
    {
        var page = await clinic.OpenAsync();
        var visits = int.Parse(page.Text("visits"), CultureInfo.InvariantCulture);

        await page.ReloadAsync();

        Assert.Equal(visits + 1, int.Parse(page.Text("visits"), CultureInfo.InvariantCulture));
        Assert.Empty(page.SevereMessages());
    }
}
