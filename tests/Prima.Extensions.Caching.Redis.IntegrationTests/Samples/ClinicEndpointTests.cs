using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>The sample over HTTP. The tests of a class take turns, so that counts are exact; each has patients of its own.</summary>
public abstract class ClinicEndpointTests(ClinicFixture clinic, bool isEmbedded) : IAsyncLifetime
{
    private const string Json = "application/json";

    protected static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    protected HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Client = (await clinic.GetAsync()).CreateClient();

    public ValueTask DisposeAsync()
    {
        Client?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Read_SamePatientTwice_ComesFromStoreThenFromCache()
    {
        var id = await NextPatientAsync();

        var first = await ReadAsync(id);
        var second = await ReadAsync(id);

        Assert.Equal(("store", "cache"), (first.Text("source"), second.Text("source")));
        Assert.Equal(id, first.GetProperty("patient").Number("id"));
        Assert.True(JsonElement.DeepEquals(first.GetProperty("patient"), second.GetProperty("patient")));
    }

    [Fact]
    public async Task Read_FromStore_TakesAtLeastItsDelay()
    {
        var read = await ReadAsync(await NextPatientAsync());

        // A timer may be a millisecond early.
        Assert.InRange(read.GetProperty("elapsedMilliseconds").GetDouble(), ClinicApplication.StoreDelay.TotalMilliseconds - 5, double.MaxValue);
    }

    [Fact]
    public async Task ReadMany_OneInTheCache_ComesInTheOrderAskedWithItsSources()
    {
        var (cached, stored) = (await NextPatientAsync(), await NextPatientAsync());
        await ReadAsync(cached);

        var answer = await GetAsync($"/patients?ids={stored},{cached},999999,{stored}");

        Assert.Equal([(stored, "store"), (cached, "cache")], answer.Items("patients").Select(IdAndSource));
        Assert.Equal((1, 1), (answer.Number("hits"), answer.Number("misses")));
        Assert.Equal([999_999], answer.Items("unknown").Select(id => id.GetInt32()));
    }

    [Fact]
    public async Task ReadMany_Hundred_AreAllRead()
    {
        var answer = await GetAsync($"/patients?ids={string.Join(',', Enumerable.Range(1, 100))}");

        Assert.Equal(100, answer.Number("hits") + answer.Number("misses") + answer.Items("unknown").Length);
    }

    [Fact]
    public async Task Ward_ReadTwice_ComesFromTheCache()
    {
        var wards = (await GetAsync("/wards")).EnumerateArray().Select(name => name.GetString()).ToList();
        Assert.NotEmpty(wards);

        var first = await GetAsync($"/wards/{wards[^1]}");
        var second = await GetAsync($"/wards/{wards[^1]}");

        Assert.NotEmpty(first.Items("patients"));
        Assert.All(first.Items("patients"), read => Assert.Equal(wards[^1], read.GetProperty("patient").Text("ward")));
        Assert.Equal((first.Items("patients").Length, 0), (second.Number("hits"), second.Number("misses")));
    }

    [Fact]
    public async Task Update_CachedPatient_IsSeenAtOnceAndComesFromTheCache()
    {
        var id = await NextPatientAsync();
        var old = (await ReadAsync(id)).GetProperty("patient");

        using var answer = await Client.PutAsJsonAsync($"/patients/{id}", new { note = "Changed" });
        var read = await ReadAsync(id);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("cache", read.Text("source"));
        Assert.Equal(("Changed", 2), (read.GetProperty("patient").Text("note"), read.GetProperty("patient").Number("version")));
        Assert.Equal(old.Text("name"), read.GetProperty("patient").Text("name"));
    }

    [Fact]
    public async Task Update_WhileBeingRead_IsNotPutBack()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => NextPatientAsync()));

        await Task.WhenAll(ids.Select(async id =>
        {
            var reads = Enumerable.Range(0, 4).Select(_ => ReadAsync(id)).ToList();
            using var answer = await Client.PutAsJsonAsync($"/patients/{id}", new { note = "Changed" });
            reads.Add(ReadAsync(id));
            Assert.Equal(2, (await reads[^1]).GetProperty("patient").Number("version"));
            await Task.WhenAll(reads);
        }));

        var after = await GetAsync($"/patients?ids={string.Join(',', ids)}");
        Assert.All(after.Items("patients"), read => Assert.Equal(2, read.GetProperty("patient").Number("version")));
    }

    [Fact]
    public async Task Update_EveryField_IsKept()
    {
        var id = await NextPatientAsync();
        var changes = new { name = "Zulu <b>Testcase</b>", ward = "elm", born = "2001-02-03", bloodGroup = "AB-", allergy = "", note = "Grüße 患者 🏥" };

        using var answer = await Client.PutAsJsonAsync($"/patients/{id}", changes);

        var patient = (await ReadAsync(id)).GetProperty("patient");
        Assert.All(JsonSerializer.SerializeToElement(changes).EnumerateObject(), field => Assert.Equal(field.Value.GetString(), patient.Text(field.Name)));
    }

    [Fact]
    public async Task Remove_CachedPatient_IsGoneFromCacheAndStore()
    {
        var id = await NextPatientAsync();
        await ReadAsync(id);

        Assert.Equal(HttpStatusCode.OK, await SendAsync("DELETE", $"/patients/{id}"));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync("GET", $"/patients/{id}"));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync("DELETE", $"/patients/{id}"));
    }

    [Fact]
    public async Task Drop_CachedPatient_ComesFromStoreAgain()
    {
        var id = await NextPatientAsync();
        await ReadAsync(id);

        Assert.Equal(HttpStatusCode.OK, await SendAsync("DELETE", $"/cache/{id}"));
        Assert.Equal("store", (await ReadAsync(id)).Text("source"));
    }

    [Theory]
    [InlineData("GET", "/patients/0")]
    [InlineData("GET", "/patients/-1")]
    [InlineData("GET", "/patients/1000001")]
    [InlineData("GET", "/patients/1.5")]
    [InlineData("GET", "/patients/one")]
    [InlineData("GET", "/patients/%20")]
    [InlineData("GET", "/patients/99999999999999999999")]
    [InlineData("PUT", "/patients/0")]
    [InlineData("DELETE", "/patients/0")]
    [InlineData("DELETE", "/cache/0")]
    [InlineData("GET", "/patients")]
    [InlineData("GET", "/patients?ids=")]
    [InlineData("GET", "/patients?ids=1,,2")]
    [InlineData("GET", "/patients?ids=1,two")]
    public async Task Request_WrongId_IsBadRequest(string method, string path) => Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(method, path));

    [Fact]
    public async Task ReadMany_MoreThanHundred_IsBadRequest() =>
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync("GET", $"/patients?ids={string.Join(',', Enumerable.Range(1, 101))}"));

    [Theory]
    [InlineData("GET", "/patients/999999")]
    [InlineData("PUT", "/patients/999999")]
    [InlineData("DELETE", "/patients/999999")]
    [InlineData("GET", "/patients?ids=999998,999999")]
    [InlineData("GET", "/wards/nowhere")]
    [InlineData("GET", "/nothing/here")]
    public async Task Request_Unknown_IsNotFound(string method, string path) => Assert.Equal(HttpStatusCode.NotFound, await SendAsync(method, path));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":2}""")]
    [InlineData("""{"name":" "}""")]
    [InlineData("""{"name":"line\nbreak"}""")]
    [InlineData("""{"ward":"nowhere"}""")]
    [InlineData("""{"born":"2001-02-30"}""")]
    [InlineData("""{"born":"9999-12-31"}""")]
    [InlineData("""{"bloodGroup":"C+"}""")]
    [InlineData("""{"note":7}""")]
    public async Task Update_WrongBody_IsBadRequestAndChangesNothing(string body)
    {
        var id = await NextPatientAsync();

        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync("PUT", $"/patients/{id}", body));
        Assert.Equal(1, (await ReadAsync(id)).GetProperty("patient").Number("version"));
    }

    [Fact]
    public async Task Update_NoJson_IsBadRequest() =>
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync("PUT", "/patients/1", """{"note":"x"}""", "text/plain"));

    [Fact]
    public async Task Session_Visits_AreCountedPerBrowser()
    {
        using var other = (await clinic.GetAsync()).CreateClient();

        Assert.Equal(1, await VisitAsync(Client));
        Assert.Equal(2, await VisitAsync(Client));
        Assert.Equal(1, await VisitAsync(other));
        Assert.Equal(3, await VisitAsync(Client));
    }

    [Fact]
    public async Task Session_EntriesRemovedFromRedis_StartsAnew()
    {
        await VisitAsync(Client);
        await VisitAsync(Client);

        await RemoveFromRedisAsync("clinic:????????-????-????-????-????????????");

        Assert.Equal(1, await VisitAsync(Client));
    }

    [Fact]
    public async Task Stats_AfterReads_CountThemAndTellHowLongTheyTook()
    {
        var id = await NextPatientAsync();
        var before = await GetAsync("/stats");
        await ReadAsync(id);
        await ReadAsync(id);
        await ReadAsync(id);
        var after = await GetAsync("/stats");

        Assert.Equal((2, 1), (after.Number("hits") - before.Number("hits"), after.Number("misses") - before.Number("misses")));
        var recent = after.Items("recent");
        Assert.Equal(["store", "cache", "cache"], recent[^3..].Select(read => read.Text("source")));
        Assert.All(recent, read => Assert.True(read.GetProperty("elapsedMilliseconds").GetDouble() > 0));
    }

    [Fact]
    public async Task Stats_Server_IsTheOneInUse()
    {
        var stats = await GetAsync("/stats");
        Assert.Equal(isEmbedded, stats.GetProperty("embedded").GetBoolean());

        var id = await NextPatientAsync();
        await ReadAsync(id);
        await RemoveFromRedisAsync($"clinic:patient:{id}");
        Assert.Equal("store", (await ReadAsync(id)).Text("source"));
    }

    [Fact]
    public async Task Health_RedisAnswers_IsHealthyAndSaysWhichServer()
    {
        await ReadAsync(await NextPatientAsync());

        var health = await GetAsync("/health");
        var data = health.GetProperty("checks").GetProperty("prima-redis-cache").GetProperty("data");

        Assert.Equal("Healthy", health.Text("status"));
        Assert.Contains((await GetAsync("/stats")).Text("server")!, data.Text("endpoints"), StringComparison.Ordinal);
        Assert.Equal(("closed", 0), (data.Text("breaker"), data.Number("journal")));
    }

    [Fact]
    public async Task Response_Any_IsNotKeptByTheBrowser()
    {
        using var response = await Client.GetAsync("/");

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Contains("default-src 'self'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    protected async Task<int> NextPatientAsync() => await (await clinic.GetAsync()).NextPatientAsync();

    protected Task<JsonElement> ReadAsync(int id) => GetAsync($"/patients/{id}");

    private static (int Id, string? Source) IdAndSource(JsonElement read) => (read.GetProperty("patient").Number("id"), read.Text("source"));

    private static async Task<int> VisitAsync(HttpClient client) => (await client.GetFromJsonAsync<JsonElement>("/session")).Number("visits");

    protected Task<JsonElement> GetAsync(string path) => Client.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Sends a request; a refusal must say why.</summary>
    private async Task<HttpStatusCode> SendAsync(string method, string path, string body = """{"note":"x"}""", string contentType = Json)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "PUT")
        {
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
        }

        using var response = await Client.SendAsync(request);
        if (!response.IsSuccessStatusCode)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }

        return response.StatusCode;
    }

    private async Task RemoveFromRedisAsync(string pattern)
    {
        var server = IPEndPoint.Parse((await GetAsync("/stats")).Text("server")!);
        await using var connection = await RespConnection.ConnectAsync(server);
        await connection.ExecuteAsync("SELECT", isEmbedded ? "0" : ClinicOnStandalone.Database);
        var keys = (await connection.ExecuteAsync("KEYS", pattern)).Items.Select(key => key.Text!).ToArray();
        Assert.NotEmpty(keys);
        await connection.ExecuteAsync(["DEL", .. keys]);
    }
}
