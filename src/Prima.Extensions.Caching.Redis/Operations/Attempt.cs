namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>What came of asking Redis.</summary>
/// <param name="Result">The answer, if there is one.</param>
/// <param name="Fault">Why there is none, if something was tried.</param>
/// <param name="IsSkipped">Whether nothing was sent, because Redis cannot be used now.</param>
internal readonly record struct Attempt<TResult>(TResult? Result, Exception? Fault, bool IsSkipped)
{
    public bool IsAnswered => Fault is null && !IsSkipped;
}
