using Prima.Extensions.Caching.Redis.Perf.Reporting;

namespace Prima.Extensions.Caching.Redis.Perf;

/// <summary>Nothing in the report, its pictures and the README's table was typed.</summary>
public sealed class ReportTests
{
    [Fact]
    public void Files_OfTheReport_AreWhatTheResultsSay() => Assert.All(
        ReportFiles.Contents(),
        static file => Assert.Equal(file.Value, File.ReadAllText(file.Key).ReplaceLineEndings("\n")));
}
