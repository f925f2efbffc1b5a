using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests;

/// <summary>Tests that change the process' environment variables run while no others do.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class ProcessEnvironment;
