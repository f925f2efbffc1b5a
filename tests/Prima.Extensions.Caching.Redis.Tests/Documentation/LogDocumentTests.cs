using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Documentation;

/// <summary>The table of log events in docs/options.md and the library's events are the same.</summary>
public partial class LogDocumentTests
{
    [Fact]
    public void Events_OfTheTable_AreThoseOfTheLibrary() =>
        Assert.Equal(
            from type in typeof(PrimaRedisCacheOptions).Assembly.GetTypes()
            from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            let declared = method.GetCustomAttribute<LoggerMessageAttribute>()
            where declared is not null
            orderby declared.EventId
            select (declared.EventId, $"{declared.Level}", declared.EventName),
            Row().Matches(Repository.Read("docs/options.md")).Select(static row => (int.Parse(row.Groups["id"].ValueSpan, CultureInfo.InvariantCulture), row.Groups["level"].Value, row.Groups["name"].Value)));

    [GeneratedRegex(@"^\| (?<id>\d{4}) \| (?<level>\w+) \| `(?<name>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
