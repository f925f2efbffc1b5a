namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>A value without any contract.</summary>
public sealed record Patient(string Name, int Ward, int[] Readings);
