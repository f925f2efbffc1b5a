using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>How a span says what went wrong.</summary>
internal static class ActivityFaults
{
    /// <summary>Names the kind of the fault. No message: it may have a key in it.</summary>
    public static void Failed(this Activity? activity, Exception fault)
    {
        activity?.SetTag("error.type", FaultKind.Of(fault));
        activity?.SetStatus(ActivityStatusCode.Error);
    }
}
