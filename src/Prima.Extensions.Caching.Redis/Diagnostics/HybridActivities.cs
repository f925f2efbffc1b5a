using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>The spans of the hybrid cache. An L1 hit has none.</summary>
internal static class HybridActivities
{
    private static readonly ActivitySource Source = new("Prima.Extensions.Caching.Redis");

    public static Activity? StartRead() => Source.StartActivity("prima.cache.l2.read");

    public static Activity? StartWrite() => Source.StartActivity("prima.cache.l2.write");

    public static Activity? StartFactory() => Source.StartActivity("prima.cache.factory");

    public static void Failed(this Activity? activity, Exception exception) => activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
}
