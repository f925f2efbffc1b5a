namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

internal enum BatchDirection
{
    Get,
    Set,
}
