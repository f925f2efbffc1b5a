namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>MessagePack finds no constructor that its members fill.</summary>
public sealed class Unformattable(bool isSecret)
{
    public string Text => isSecret ? "***" : "nothing to hide";
}
