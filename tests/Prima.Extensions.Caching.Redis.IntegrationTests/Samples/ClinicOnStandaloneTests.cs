using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

public sealed class ClinicOnStandaloneTests(ClinicOnStandalone clinic) : ClinicEndpointTests(clinic, isEmbedded: false), IClassFixture<ClinicOnStandalone>
{
    [Fact]
    public async Task Read_FilledByAnotherInstance_ComesFromTheCache()
    {
        var id = await NextPatientAsync();
        await ReadAsync(id);

        await using var other = await StartAnotherAsync();
        using var client = other.CreateClient();
        var read = await client.GetFromJsonAsync<JsonElement>($"/patients/{id}");

        Assert.Equal("cache", read.Text("source"));
    }

    [Fact]
    public async Task Read_ChangedOnAnotherInstance_IsTheChange()
    {
        var id = await NextPatientAsync();
        await ReadAsync(id);

        await using var other = await StartAnotherAsync();
        using var client = other.CreateClient();
        using var answer = await client.PutAsJsonAsync($"/patients/{id}", new { note = "Changed elsewhere" });

        Assert.Equal("Changed elsewhere", (await ReadAsync(id)).GetProperty("patient").Text("note"));
    }

    [Fact]
    public async Task Session_OnAnotherInstance_GoesOn()
    {
        using var first = await VisitAsync(Client, cookie: null);
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie")).Split(';')[0];

        await using var other = await StartAnotherAsync();
        using var client = other.CreateClient(new() { HandleCookies = false });
        using var second = await VisitAsync(client, cookie);

        Assert.Equal(2, (await second.Content.ReadFromJsonAsync<JsonElement>()).Number("visits"));
    }

    [Fact]
    public async Task Outage_OfSomebodyElsesServer_CannotBeTried()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/redis/stop");
        request.Headers.Add("Origin", Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        using var answer = await Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(JsonValueKind.Null, (await GetAsync("/stats")).GetProperty("running").ValueKind);
    }

    private static async Task<ClinicApplication> StartAnotherAsync() => new(await ClinicOnStandalone.ConfigurationAsync());

    private static async Task<HttpResponseMessage> VisitAsync(HttpClient client, string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/session");
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return await client.SendAsync(request);
    }
}
