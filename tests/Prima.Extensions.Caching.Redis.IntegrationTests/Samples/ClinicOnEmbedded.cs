namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>The sample as it comes: nothing is configured.</summary>
public sealed class ClinicOnEmbedded() : ClinicFixture(static () => Task.FromResult(""));
