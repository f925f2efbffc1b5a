namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>Which operations a fault strikes.</summary>
[Flags]
internal enum Operations
{
    None = 0,
    Get = 1,
    Set = 2,
    Refresh = 4,
    Remove = 8,
    All = Get | Set | Refresh | Remove,
}
