using System.Text;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Coherence;

public class AnnouncedKeyTests
{
    [Theory]
    [InlineData("app:k", "app:", AnnouncedKey.Kinds.Entry, "k")]
    [InlineData("app:", "app:", AnnouncedKey.Kinds.Entry, "")]
    [InlineData("k", "", AnnouncedKey.Kinds.Entry, "k")]
    [InlineData("app:__MSFT_HCT__ward", "app:", AnnouncedKey.Kinds.TagStamp, "ward")]
    [InlineData("app:__MSFT_HCT__*", "app:", AnnouncedKey.Kinds.TagStamp, "*")]
    [InlineData("app:__prima_listeners__", "app:", AnnouncedKey.Kinds.ListenerMark, "__prima_listeners__")]
    [InlineData("other:k", "app:", AnnouncedKey.Kinds.Foreign, null)]
    [InlineData("__prima_lease__:{1}k", "", AnnouncedKey.Kinds.Foreign, null)]
    [InlineData("__prima_lease__:{1}k", "_", AnnouncedKey.Kinds.Foreign, null)]
    internal void Key_AsRedisAnnouncesIt_IsUnderstood(string key, string instanceName, AnnouncedKey.Kinds kind, string? name) =>
        Assert.Equal(new(kind, name!), AnnouncedKey.Parse(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(instanceName)));
}
