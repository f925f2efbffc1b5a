namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

public sealed class ClinicOnEmbeddedTests(ClinicOnEmbedded clinic) : ClinicEndpointTests(clinic, isEmbedded: true), IClassFixture<ClinicOnEmbedded>;
