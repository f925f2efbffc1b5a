namespace Prima.Extensions.Caching.Redis.Connections;

internal static class TaskExtensions
{
    /// <summary>Lets a task go on whose outcome nobody waits for: its exception is no unobserved one.</summary>
    public static void Ignore(this Task task) =>
        task.ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
