using System.Reflection;
using System.Text.RegularExpressions;
using Prima.Extensions.Caching.Redis.Connections;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Documentation;

/// <summary>The documents are held to the code.</summary>
public partial class ReadmeTests
{
    public static TheoryData<string> Documents => [.. Repository.Documents];

    public static TheoryData<string> Options =>
        [.. typeof(PrimaRedisCacheOptions).GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Concat(typeof(PrimaHybridCacheOptions).GetProperties(BindingFlags.Instance | BindingFlags.Public)).Select(property => property.Name)];

    public static TheoryData<string> EnvironmentVariables =>
        [.. typeof(EnvironmentServer).GetFields(BindingFlags.Static | BindingFlags.Public).Where(constant => constant.IsLiteral).Select(constant => (string)constant.GetRawConstantValue()!)];

    [Fact]
    public void Examples_OfTheReadme_AreThere() => Assert.True(Repository.CSharpBlocks("README.md").Count() > 5);

    [Theory, MemberData(nameof(Documents))]
    public void CSharpBlocks_OfADocument_AreCompiled(string document) =>
        Assert.Empty(Repository.CSharpBlocks(document).Except(Repository.Snippets()));

    [Fact]
    public void Snippets_OfTheExamples_StandInADocument() =>
        Assert.Empty(Repository.Snippets().Except(Repository.Documents.SelectMany(Repository.CSharpBlocks)));

    [Theory, MemberData(nameof(Documents))]
    public void RelativeLinks_OfADocument_LeadToFiles(string document)
    {
        var folder = Path.GetDirectoryName(Repository.PathOf(document))!;

        Assert.All(Repository.RelativeLinks(document), link => Assert.True(File.Exists(Path.Combine(folder, link)), link));
    }

    [Fact]
    public void Documents_OfTheRepository_AreLinkedFromTheReadme() =>
        Assert.Empty(Repository.Documents.Where(document => document != "README.md").Except(Repository.RelativeLinks("README.md")));

    [Theory, MemberData(nameof(Documents))]
    public void NamedTests_OfADocument_Exist(string document) =>
        Assert.Empty(Repository.NamedTests(document).Except(Repository.FilesUnder("tests", "*.cs").Select(file => Path.GetFileNameWithoutExtension(file))));

    [Theory, MemberData(nameof(Options))]
    public void Option_OfTheCache_HasARow(string option) =>
        Assert.Contains($"\n| `{option}` |", Repository.Read("docs/options.md"), StringComparison.Ordinal);

    [Theory, MemberData(nameof(EnvironmentVariables))]
    public void EnvironmentVariable_ThatIsRead_HasARow(string variable) =>
        Assert.Contains($"\n| `{variable}` |", Repository.Read("docs/connections.md"), StringComparison.Ordinal);

    // AclTests shows that these rights are enough; who copies them from the document must get the same.
    [Fact]
    public void Rights_InTheSecurityDocument_AreThoseThatAreTested()
    {
        var tests = Repository.Read("tests/Prima.Extensions.Caching.Redis.IntegrationTests/Connections/AclTests.cs");
        var lists = RightsList().Matches(tests).Select(match => string.Join(' ', Right().Matches(match.Groups[1].Value).Select(right => right.Value))).ToList();

        Assert.Equal(4, lists.Count);
        Assert.All(lists.Skip(1), list => Assert.Contains($"~clinic:* {lists[0]} {list}\n", Repository.Read("docs/security.md"), StringComparison.Ordinal));
    }

    [GeneratedRegex(@"string\[\] \w+Rights\w* =\s*\[(.*?)\];", RegexOptions.Singleline)]
    private static partial Regex RightsList();

    [GeneratedRegex(@"(?<="")\+[\w@|]+(?="")")]
    private static partial Regex Right();
}
