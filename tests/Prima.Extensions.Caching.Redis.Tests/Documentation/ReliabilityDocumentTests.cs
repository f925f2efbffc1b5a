using System.Text.RegularExpressions;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Documentation;

/// <summary>The table of faults in docs/reliability.md and the tests behind it are the same.</summary>
public partial class ReliabilityDocumentTests
{
    private const string Tests = "tests/Prima.Extensions.Caching.Redis.IntegrationTests/Reliability";

    private static readonly string[] ClassesOfFaults =
        ["NetworkFaultTests", "ServerFaultTests", "AccessFaultTests", "ClusterFaultTests", "SentinelFaultTests", "ThreadPoolStarvationTests"];

    private static readonly string Document = Repository.Read("docs/reliability.md");

    public static TheoryData<string> TestsInTheTable => [.. Named()];

    public static TheoryData<string> TestsOfFaults => [.. ClassesOfFaults.SelectMany(Methods)];

    [Theory, MemberData(nameof(TestsInTheTable))]
    public void Test_InTheTable_Exists(string test) => Assert.Contains(test, Methods(test.Split('.')[0]));

    [Theory, MemberData(nameof(TestsOfFaults))]
    public void Test_OfAFault_IsInTheTable(string test) => Assert.Contains(test, Named());

    private static IEnumerable<string> Named() => RowEnd().Matches(Document).Select(static match => match.Groups[1].Value);

    private static IEnumerable<string> Methods(string testClass) =>
        TestMethod().Matches(Repository.Read($"{Tests}/{testClass}.cs")).Select(match => $"{testClass}.{match.Groups[1].Value}");

    [GeneratedRegex(@"\| `(\w+Tests\.\w+)` \|$", RegexOptions.Multiline)]
    private static partial Regex RowEnd();

    [GeneratedRegex(@"\[(?:Fact|Theory)[^\n]*\](?:\n\s+\[[^\n]*\])*\n\s+public (?:async )?\w+ (\w+)\(")]
    private static partial Regex TestMethod();
}
