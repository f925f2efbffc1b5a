using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Connections;

public class EnvironmentServerTests
{
    private const string Secret = "s3cr3t";

    [Theory]
    [InlineData("REDIS_CLUSTER_NODES=redis://nodes;REDIS_SENTINEL_NODES=redis://sentinels;REDIS_SENTINEL_MASTER=m;REDIS_URL=redis://url;KV_URL=redis://kv", "nodes:6379")]
    [InlineData("REDIS_SENTINEL_NODES=redis://sentinels:26379;REDIS_SENTINEL_MASTER=m;REDIS_URL=redis://url;KV_URL=redis://kv", "sentinels:26379")]
    [InlineData("REDIS_URL=redis://url;KV_URL=redis://kv", "url:6379")]
    [InlineData("KV_URL=redis://kv", "kv:6379")]
    [InlineData("REDIS_CLUSTER_NODES=;REDIS_URL=   ;KV_URL=redis://kv", "kv:6379")]
    [InlineData("REDIS_CLUSTER_NODES=redis://a, redis://b:7000 ,,redis://c", "a:6379 b:7000 c:6379")]
    [InlineData("REDIS_CLUSTER_NODES=a:7000,b:7001", "a:7000 b:7001")]
    [InlineData("REDIS_CLUSTER_NODES=redis://a,redis://a", "a:6379")]
    [InlineData("REDIS_URL=redis://url;REDIS_CLUSTER=true", "url:6379")]
    [InlineData("REDIS_URL=url:6379,connectTimeout=1000", "url:6379")]
    public void Read_Variables_FirstThatIsSetNamesTheServers(string variables, string expected) => Assert.Equal(expected, Endpoints.Of(Read(variables)));

    [Theory]
    [InlineData("REDIS_CLUSTER_NODES=redis://a,redis://b,redis://b", "a:6379 b:6379")]
    [InlineData("REDIS_CLUSTER_NODES=redis://b,redis://b,redis://:p@a", "a:6379 b:6379")]
    public void Read_NodeNamedTwice_IsTakenOnce(string variables, string expected) => Assert.Equal(expected, Endpoints.Of(Read(variables)));

    [Theory]
    [InlineData("REDIS_URL=redis://url", null, null)]
    [InlineData("REDIS_URL=redis://url;REDIS_PASSWORD=p", null, "p")]
    [InlineData("REDIS_URL=redis://url;REDIS_USERNAME=u;REDIS_PASSWORD=p", "u", "p")]
    [InlineData("REDIS_URL=redis://inside:secret@url;REDIS_USERNAME=u;REDIS_PASSWORD=p", "inside", "secret")]
    [InlineData("REDIS_URL=redis://:secret@url;REDIS_USERNAME=u;REDIS_PASSWORD=p", null, "secret")]
    [InlineData("REDIS_URL=url:6379,user=inside;REDIS_USERNAME=u;REDIS_PASSWORD=p", "inside", "p")]
    [InlineData("KV_URL=redis://kv;REDIS_USERNAME=u;REDIS_PASSWORD=p", "u", "p")]
    [InlineData("REDIS_CLUSTER_NODES=redis://a,redis://b;REDIS_USERNAME=u;REDIS_PASSWORD=p", "u", "p")]
    [InlineData("REDIS_CLUSTER_NODES=redis://a,redis://inside:secret@b;REDIS_USERNAME=u;REDIS_PASSWORD=p", "inside", "secret")]
    [InlineData("REDIS_SENTINEL_NODES=redis://a;REDIS_SENTINEL_MASTER=m;REDIS_PASSWORD=p", null, "p")]
    public void Read_Credentials_AreThoseOfTheAddressOrElseOfTheVariables(string variables, string? user, string? password)
    {
        var configuration = Read(variables);

        Assert.Equal((user, password), (configuration.User, configuration.Password));
    }

    [Fact]
    public void Read_OnlyOneNodeHasCredentials_KeepsAllNodes() =>
        Assert.Equal(["a:6379", "b:6379", "c:6379"], Endpoints.Of(Read("REDIS_CLUSTER_NODES=redis://a,redis://:p@b,redis://c")).Split(' ').Order());

    [Theory]
    [InlineData("REDIS_CLUSTER_NODES=rediss://a,rediss://b")]
    [InlineData("REDIS_SENTINEL_NODES=rediss://a;REDIS_SENTINEL_MASTER=m")]
    [InlineData("REDIS_URL=rediss://a")]
    public void Read_TlsAddresses_UseTls(string variables) => Assert.True(Read(variables).Ssl);

    [Fact]
    public void Read_Sentinels_AskForTheMaster() => Assert.Equal("mymaster", Read("REDIS_SENTINEL_NODES=redis://a;REDIS_SENTINEL_MASTER=mymaster").ServiceName);

    [Fact]
    public void Read_NoSentinels_AskForNoMaster() => Assert.Null(Read("REDIS_URL=redis://a;REDIS_SENTINEL_MASTER=mymaster").ServiceName);

    [Theory]
    [InlineData("REDIS_SENTINEL_NODES=redis://a/2;REDIS_SENTINEL_MASTER=m", 2)]
    [InlineData("REDIS_URL=redis://a/2", 2)]
    [InlineData("REDIS_URL=redis://a/2;REDIS_CLUSTER=false", 2)]
    [InlineData("REDIS_URL=redis://a/0;REDIS_CLUSTER=true", 0)]
    [InlineData("REDIS_CLUSTER_NODES=redis://a/0,redis://b/0", 0)]
    public void Read_Database_IsKept(string variables, int expected) => Assert.Equal(expected, Read(variables).DefaultDatabase);

    // The nodes' addresses are one configuration: none of their parts may get lost in silence.
    [Fact]
    public void Read_DatabaseBesideANodeWithCredentials_IsKept() =>
        Assert.Equal(2, Read("REDIS_SENTINEL_NODES=redis://a/2,redis://:p@b;REDIS_SENTINEL_MASTER=m").DefaultDatabase);

    [Theory]
    [InlineData("REDIS_SENTINEL_NODES=redis://a", "REDIS_SENTINEL_NODES is set and REDIS_SENTINEL_MASTER is not")]
    [InlineData("REDIS_SENTINEL_NODES=redis://a;REDIS_SENTINEL_MASTER= ", "REDIS_SENTINEL_MASTER is not")]
    [InlineData("REDIS_CLUSTER_NODES=redis://a,rediss://b", "REDIS_CLUSTER_NODES is 'redis://a,rediss://b': either all nodes use rediss:// or none does.")]
    [InlineData("REDIS_SENTINEL_NODES=rediss://a,redis://b;REDIS_SENTINEL_MASTER=m", "either all nodes use rediss:// or none does.")]
    [InlineData("REDIS_CLUSTER_NODES=redis://a/1", "REDIS_CLUSTER_NODES is 'redis://a/1': a cluster has database 0 only.")]
    [InlineData("REDIS_URL=redis://a/1;REDIS_CLUSTER=true", "REDIS_URL is 'redis://a/1': a cluster has database 0 only.")]
    [InlineData("KV_URL=redis://a/1;REDIS_CLUSTER=True", "KV_URL is 'redis://a/1': a cluster has database 0 only.")]
    [InlineData("REDIS_URL=redis://a;REDIS_CLUSTER=yes", "REDIS_CLUSTER is 'yes'. Accepted are true and false.")]
    [InlineData("REDIS_CLUSTER_NODES= , ,", "REDIS_CLUSTER_NODES names no server.")]
    [InlineData("REDIS_CLUSTER_NODES=redis://a,http://b", "REDIS_CLUSTER_NODES is 'http://b': its scheme must be redis or rediss.")]
    [InlineData("REDIS_URL=http://b", "REDIS_URL is 'http://b': its scheme must be redis or rediss.")]
    [InlineData("KV_URL=http://b", "KV_URL is 'http://b': its scheme must be redis or rediss.")]
    public void Read_WrongVariable_SaysWhichAndWhatIsWrong(string variables, string reason)
    {
        var exception = Assert.Throws<FormatException>(() => Read(variables));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    // A cluster has one database, whichever of its nodes the other was asked of.
    [Fact]
    public void Read_DatabaseOfAClusterBesideANodeWithCredentials_IsRefused() =>
        Assert.Throws<FormatException>(() => Read("REDIS_CLUSTER_NODES=redis://a/1,redis://:p@b"));

    [Theory]
    [InlineData("")]
    [InlineData("REDIS_USERNAME=u;REDIS_PASSWORD=s3cr3t;REDIS_CLUSTER=true;REDIS_SENTINEL_MASTER=m")]
    public void Read_NothingSet_NamesEveryPlaceToSetIt(string variables)
    {
        var exception = Assert.Throws<FormatException>(() => Read(variables));

        Assert.Matches(@"PrimaRedisCacheOptions\.Configuration\b.*\bPrimaRedisCache:Configuration\b.*\bREDIS_URL\b", exception.Message);
    }

    [Theory]
    [InlineData("REDIS_CLUSTER_NODES=redis://:s3cr3t@a,rediss://:s3cr3t@b")]
    [InlineData("REDIS_CLUSTER_NODES=redis://:s3cr3t@a/1,redis://:s3cr3t@b/1")]
    [InlineData("REDIS_CLUSTER_NODES=redis://:s3cr3t@a,http://:s3cr3t@b")]
    [InlineData("REDIS_CLUSTER_NODES=redis://a?password=s3cr3t,rediss://b")]
    [InlineData("REDIS_SENTINEL_NODES=redis://:s3cr3t@a")]
    [InlineData("REDIS_URL=redis://:s3cr3t@a/1;REDIS_CLUSTER=true")]
    [InlineData("REDIS_URL=redis://a/one;REDIS_PASSWORD=s3cr3t")]
    [InlineData("REDIS_URL=redis://:s3cr3t@a/1;REDIS_CLUSTER=yes")]
    [InlineData("REDIS_PASSWORD=s3cr3t")]
    public void Read_WrongVariableWithAPassword_DoesNotRepeatIt(string variables)
    {
        var exception = Assert.Throws<FormatException>(() => Read(variables));

        Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
    }

    private static ConfigurationOptions Read(string variables)
    {
        var values = variables.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => variable.Split('=', 2))
            .ToDictionary(parts => parts[0], parts => parts[1]);
        return EnvironmentServer.Read(values.GetValueOrDefault);
    }
}
