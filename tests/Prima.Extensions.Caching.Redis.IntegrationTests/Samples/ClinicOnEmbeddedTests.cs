using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

public sealed class ClinicOnEmbeddedTests(ClinicOnEmbedded clinic) : ClinicEndpointTests(clinic, isEmbedded: true), IClassFixture<ClinicOnEmbedded>
{
    [Fact]
    public async Task Outage_ServerStoppedAndStarted_DegradesAndRecovers()
    {
        var (read, changed) = (await NextPatientAsync(), await NextPatientAsync());
        await ReadAsync(read);
        await ReadAsync(changed);

        try
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync(Client, "/redis/stop"));
            await Poll.UntilAsync("the health check sees it", Deadline, async () => (await GetAsync("/health")).Text("status") == "Degraded");
            Assert.False((await GetAsync("/stats")).GetProperty("running").GetBoolean());

            Assert.Equal("store", (await ReadAsync(read)).Text("source"));
            using var answer = await Client.PutAsJsonAsync($"/patients/{changed}", new { note = "Changed meanwhile" });
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        finally
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync(Client, "/redis/start"));
        }

        await Poll.UntilAsync("the health check sees that it is over", Deadline, async () => (await GetAsync("/health")).Text("status") == "Healthy");
        Assert.True((await GetAsync("/stats")).GetProperty("running").GetBoolean());
        Assert.Equal("Changed meanwhile", (await ReadAsync(changed)).GetProperty("patient").Text("note"));
        await ReadAsync(read);
        Assert.Equal("cache", (await ReadAsync(read)).Text("source"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("https://elsewhere.example")]
    [InlineData("http://localhost:1")]
    public async Task Outage_AskedForByAnotherSite_IsRefused(string? origin)
    {
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(Client, "/redis/stop", origin));
        Assert.True((await GetAsync("/stats")).GetProperty("running").GetBoolean());
    }

    [Fact]
    public async Task Outage_AskedForByALink_IsRefused()
    {
        using var answer = await Client.GetAsync("/redis/stop");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task Outage_InProduction_CannotBeTried()
    {
        await using var application = new ClinicApplication(redis: "");
        await using var production = application.WithWebHostBuilder(static builder => builder.UseEnvironment("Production"));
        using var client = production.CreateClient();

        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(client, "/redis/stop"));
        Assert.Equal(JsonValueKind.Null, (await client.GetFromJsonAsync<JsonElement>("/stats")).GetProperty("running").ValueKind);
    }

    private static Task<HttpStatusCode> PostAsync(HttpClient client, string path) => PostAsync(client, path, client.BaseAddress!.GetLeftPart(UriPartial.Authority));

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, string path, string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }
}
