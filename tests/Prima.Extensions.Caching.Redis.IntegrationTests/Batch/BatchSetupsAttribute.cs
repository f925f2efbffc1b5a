using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>Both layouts, one connection and several, and with each of them every one of some values.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BatchSetupsAttribute(params object[] values) : DataAttribute
{
    private static readonly int[] Connections = [1, 3];

    public IReadOnlyList<object> Values => values;

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. from layout in Enum.GetValues<EntryLayout>() from connections in Connections from row in Rows(layout, connections) select row]);

    public override bool SupportsDiscoveryEnumeration() => true;

    private IEnumerable<ITheoryDataRow> Rows(EntryLayout layout, int connections) => values.Length == 0
        ? [new TheoryDataRow(layout, connections)]
        : values.Select(value => new TheoryDataRow(layout, connections, value));
}
