using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

/// <summary>Every way into the cache with every one of some values.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CombinatorialValuesAttribute(params object[] values) : DataAttribute
{
    public IReadOnlyList<object> Values => values;

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. from access in Enum.GetValues<CacheAccess>() from value in values select new TheoryDataRow(access, value)]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
