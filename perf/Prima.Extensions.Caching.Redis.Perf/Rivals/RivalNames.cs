namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>The names by which results, floors and charts know the rivals.</summary>
internal static class RivalNames
{
    public const string Hash = "Prima Hash";
    public const string String = "Prima String";
    public const string Microsoft = "Microsoft";
    public const string Raw = "StackExchange.Redis";
    public const string HybridOverMicrosoft = "HybridCache over Microsoft";
    public const string HybridOverPrima = "HybridCache over Prima";
    public const string PrimaHybrid = "PrimaHybridCache";
    public const string Fusion = "FusionCache";
}
