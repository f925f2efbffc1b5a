using MessagePack;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>A value with a contract.</summary>
[MessagePackObject]
public sealed class Finding
{
    [Key(0)]
    public string? Text { get; set; }

    [Key(1)]
    public double Level { get; set; }
}
