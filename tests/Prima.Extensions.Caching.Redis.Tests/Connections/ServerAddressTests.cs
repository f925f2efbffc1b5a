using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Connections;

public class ServerAddressTests
{
    private const string Secret = "s3cr3t";

    [Theory]
    [InlineData("redis://server", "server:6379")]
    [InlineData("rediss://server", "server:6379")]
    [InlineData("redis://server:7000", "server:7000")]
    [InlineData("REDIS://server", "server:6379")]
    [InlineData("  redis://server  ", "server:6379")]
    [InlineData("redis://server/", "server:6379")]
    [InlineData("redis://10.0.0.1", "10.0.0.1:6379")]
    [InlineData("redis://user:password@server:7000/3", "server:7000")]
    [InlineData("redis://[::1]", "[::1]:6379")]
    [InlineData("redis://[2001:db8::7]:7000/1", "[2001:db8::7]:7000")]
    [InlineData("redis://höst", "xn--hst-sna:6379")]
    [InlineData("redis://server?connectTimeout=2000", "server:6379")]
    [InlineData("server", "server:0")]
    [InlineData("server:7000", "server:7000")]
    [InlineData("a:1,b:2,password=x", "a:1 b:2")]
    public void Parse_Address_HasTheEndpoints(string text, string expected) => Assert.Equal(expected, Endpoints.Of(Parse(text)));

    [Theory]
    [InlineData("redis://server", false)]
    [InlineData("rediss://server", true)]
    [InlineData("RediSS://server", true)]
    [InlineData("rediss://server?connectTimeout=2000", true)]
    [InlineData("server:6379", false)]
    [InlineData("server:6380,ssl=true", true)]
    public void Parse_Address_UsesTlsWhereItSaysSo(string text, bool expected) => Assert.Equal(expected, Parse(text).Ssl);

    [Theory]
    [InlineData("redis://server", null, null)]
    [InlineData("redis://user:password@server", "user", "password")]
    [InlineData("redis://:password@server", null, "password")]
    [InlineData("redis://user:@server", "user", "")]
    [InlineData("redis://us%40er:p%40ss%2Fw%3Ard%23%25@server", "us@er", "p@ss/w:rd#%")]
    [InlineData("redis://user:pass:word@server", "user", "pass:word")]
    [InlineData("redis://:pass+word@server", null, "pass+word")]
    [InlineData("redis://server?user=user&password=pa%26ss", "user", "pa&ss")]
    [InlineData("redis://user:password@server?password=other", "user", "password")]
    [InlineData("server:6379,user=user,password=password", "user", "password")]
    public void Parse_Address_HasTheCredentials(string text, string? user, string? password)
    {
        var configuration = Parse(text);

        Assert.Equal((user, password), (configuration.User, configuration.Password));
    }

    [Theory]
    [InlineData("redis://server", null)]
    [InlineData("redis://server/", null)]
    [InlineData("redis://server/0", 0)]
    [InlineData("redis://server/15", 15)]
    [InlineData("redis://server/3?connectTimeout=2000", 3)]
    [InlineData("redis://server?defaultDatabase=4", 4)]
    [InlineData("redis://server/3?defaultDatabase=4", 3)]
    [InlineData("server:6379,defaultDatabase=5", 5)]
    public void Parse_Address_HasTheDatabase(string text, int? expected) => Assert.Equal(expected, Parse(text).DefaultDatabase);

    [Theory]
    [InlineData("redis://server?connectTimeout=2000&sslHost=redis.example")]
    [InlineData("redis://server?connectTimeout=2000&sslHost=redis%2Eexample")]
    [InlineData("server:6379,connectTimeout=2000,sslHost=redis.example")]
    public void Parse_Settings_AreApplied(string text)
    {
        var configuration = Parse(text);

        Assert.Equal((2000, "redis.example"), (configuration.ConnectTimeout, configuration.SslHost));
    }

    [Theory]
    [InlineData("http://server", "its scheme must be redis or rediss")]
    [InlineData("tcp://:s3cr3t@server", "its scheme must be redis or rediss")]
    [InlineData("redis://", "it names no host")]
    [InlineData("redis:///0", "it names no host")]
    [InlineData("redis://server:port", "Invalid port")]
    [InlineData("redis://server:99999", "Invalid port")]
    [InlineData("redis://server:-1", "Invalid port")]
    [InlineData("redis://:s3cr3t@server:port", "it is malformed")]
    [InlineData("redis://server/one", "its path must be a database number, 0 or more")]
    [InlineData("redis://server/-1", "its path must be a database number, 0 or more")]
    [InlineData("redis://server/1/2", "its path must be a database number, 0 or more")]
    [InlineData("redis://server/99999999999", "its path must be a database number, 0 or more")]
    [InlineData("redis://:s3cr3t@server/one", "its path must be a database number, 0 or more")]
    [InlineData("redis://s3cr3t@server", "what stands before '@' must be user:password or :password")]
    [InlineData("redis://server/0#x", "'#' must be written as %23")]
    [InlineData("redis://server?connectTimeout", "its query must be name=value pairs")]
    [InlineData("redis://server?connectTimeout=1,ssl=true", "its query must be name=value pairs")]
    [InlineData("redis://server?connectTimeout=1%2Cssl=true", "its query must be name=value pairs")]
    [InlineData("redis://server?colour=red", "colour")]
    [InlineData("redis://server?connectTimeout=soon", "connectTimeout")]
    [InlineData("server:6379,colour=red", "colour")]
    [InlineData("server:6379,connectTimeout=soon", "connectTimeout")]
    [InlineData("server:99999", "port")]
    [InlineData("password=s3cr3t", "it names no server")]
    [InlineData("", "is empty")]
    [InlineData("   ", "is empty")]
    public void Parse_WrongAddress_SaysWhatIsWrong(string text, string reason)
    {
        var exception = Assert.Throws<FormatException>(() => Parse(text));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://server")]
    [InlineData("redis://server:port")]
    [InlineData("redis://:s3cr3t@server:port")]
    [InlineData("redis://server?colour=red")]
    [InlineData("server:6379,colour=red")]
    [InlineData("server:6379,connectTimeout=soon,password=s3cr3t")]
    [InlineData("")]
    public void Parse_WrongAddress_NamesTheSourceAndWhatIsAccepted(string text)
    {
        var exception = Assert.Throws<FormatException>(() => Parse(text));

        Assert.Matches(@"^SOURCE is .*: .*\. Accepted are redis://", exception.Message.ReplaceLineEndings(" "));
    }

    [Theory]
    [InlineData("http://:s3cr3t@server")]
    [InlineData("http://s3cr3t@server")]
    [InlineData("redis://user:s3cr3t@server:port")]
    [InlineData("redis://user:s3cr3t@server/one")]
    [InlineData("redis://s3cr3t@server")]
    [InlineData("redis://:a@s3cr3t@server/one")]
    [InlineData("redis://:a/s3cr3t@server")]
    [InlineData("redis://:a#s3cr3t@server")]
    [InlineData("redis://:a?s3cr3t@server")]
    [InlineData("redis://:s3cr3t@")]
    [InlineData("redis://:s3cr3t@server?colour=red")]
    [InlineData("redis://server/one?password=s3cr3t")]
    [InlineData("redis://server?password=s3cr3t&colour=red")]
    [InlineData("redis://server?PASSWORD=s3cr3t&colour=red")]
    [InlineData("redis://server?password=a,s3cr3t")]
    [InlineData("server:6379,password=s3cr3t,colour=red")]
    [InlineData("server:6379,password=s3cr3t,connectTimeout=soon")]
    [InlineData("server:6379,Password=a=s3cr3t,connectTimeout=soon")]
    [InlineData("server:99999,password=s3cr3t")]
    [InlineData("password=s3cr3t")]
    public void Parse_WrongAddressWithAPassword_DoesNotRepeatIt(string text)
    {
        var exception = Assert.Throws<FormatException>(() => Parse(text));

        Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
    }

    // The client trims around '='; so must what hides the password.
    [Theory]
    [InlineData("server:6379,password =s3cr3t,colour=red")]
    [InlineData("server:6379,password = s3cr3t,connectTimeout=soon")]
    public void Parse_WrongSettingBesideASpacedPassword_DoesNotRepeatIt(string text)
    {
        var exception = Assert.Throws<FormatException>(() => Parse(text));

        Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
    }

    // '@' need not be escaped in a query.
    [Theory]
    [InlineData("redis://server/one?password=a@s3cr3t")]
    [InlineData("redis://user:a@server?colour=red&password=a@s3cr3t")]
    public void Parse_WrongAddressWithAnAtSignInTheQuery_DoesNotRepeatThePassword(string text)
    {
        var exception = Assert.Throws<FormatException>(() => Parse(text));

        Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
    }

    // A URI without its scheme. The client would take all of it for a host name, and that appears in logs.
    [Theory]
    [InlineData("user:s3cr3t@server")]
    [InlineData("user:s3cr3t@server:6379")]
    [InlineData(":s3cr3t@server:6379")]
    [InlineData("redis:/:s3cr3t@server:6379")]
    public void Parse_UriWithoutItsScheme_IsRefusedAndNotRepeated(string text)
    {
        var exception = Assert.Throws<FormatException>(() => Parse(text));

        Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
    }

    // Who asks for TLS and gets none has to learn it.
    [Fact]
    public void Parse_TlsAskedForInTheQueryOfAPlainUri_IsNotIgnored()
    {
        var exception = Record.Exception(() => Assert.True(Parse("redis://server?ssl=true").Ssl));

        Assert.True(exception is null or FormatException, "TLS was asked for, and is off.");
    }

    // A database below 0 is refused in a URI; the other notation has the same limits.
    [Fact]
    public void Parse_NegativeDatabaseInAClientString_IsRefused() =>
        Assert.Throws<FormatException>(() => Parse("server:6379,defaultDatabase=-2"));

    private static ConfigurationOptions Parse(string text) => ServerAddress.Parse(text, "SOURCE");
}
