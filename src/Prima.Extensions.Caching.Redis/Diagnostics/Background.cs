namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>What goes on in the background belongs to no request, also if one was the first to need it.</summary>
internal static class Background
{
    /// <summary>What is started until this is disposed, on the same thread, is in nobody's trace.</summary>
    public static AsyncFlowControl? Begin() => ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
}
