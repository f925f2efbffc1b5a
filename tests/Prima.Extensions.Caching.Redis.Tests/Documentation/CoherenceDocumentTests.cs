using System.Text.RegularExpressions;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Documentation;

public partial class CoherenceDocumentTests
{
    // CoherenceAclTests shows that these rights are enough; who copies them from the document must get the same.
    [Fact]
    public void Rights_InTheDocument_AreThoseThatAreTested()
    {
        var tests = Repository.Read("tests/Prima.Extensions.Caching.Redis.IntegrationTests/Hybrid/Coherence/CoherenceAclTests.cs");
        var lists = new Dictionary<string, string>();
        foreach (Match list in RightsList().Matches(tests))
        {
            var rights = Right().Matches(list.Groups[2].Value).Select(right => right.Value);
            lists[list.Groups[1].Value] = string.Join(' ', list.Groups[2].Value.Contains("..", StringComparison.Ordinal) ? [lists["TrackingRights"], .. rights] : rights);
        }

        Assert.Equal(7, lists.Count);
        Assert.All(lists.Where(static list => list.Key != "EntryRights"), static list =>
            Assert.Contains($"\n{list.Value}\n", Repository.Read("docs/coherence.md"), StringComparison.Ordinal));
    }

    [GeneratedRegex(@"string\[\] (\w+Rights)\w* =\s*\[(.*?)\];", RegexOptions.Singleline)]
    private static partial Regex RightsList();

    [GeneratedRegex(@"(?<="")[+~&][\w@|:*]+(?="")")]
    private static partial Regex Right();
}
