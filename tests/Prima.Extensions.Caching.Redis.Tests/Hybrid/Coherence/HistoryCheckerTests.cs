using Prima.Extensions.Caching.Redis.CoherenceChecker.History;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Coherence;

public class HistoryCheckerTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromTicks(10);

    [Fact]
    public void ReadOfTheNewest_IsRight() => AssertRight(Replace(1, end: 5), Replace(2, end: 20), Read(2, start: 1000));

    [Fact]
    public void ReadOfTheNewer_BeforeItsReplacementIsComplete_IsRight() => AssertRight(Replace(2, end: 2000), Read(2, start: 1000));

    [Fact]
    public void ReadOfTheOld_WithinTheBound_IsRight() => AssertRight(Replace(1, end: 5), Replace(2, end: 20), Read(1, start: 30));

    [Fact]
    public void ReadOfTheOld_BeforeItsReplacementIsComplete_IsRight() => AssertRight(Replace(1, end: 5), Replace(2, end: 20), Read(1, start: 12, end: 500));

    [Fact]
    public void ReadOfTheOld_AfterTheBound_IsWrong()
    {
        var violation = Assert.Single(Check(Replace(1, end: 5), Replace(2, end: 20), Read(1, start: 31)));

        Assert.Equal((1L, 2L, TimeSpan.FromTicks(11)), (violation.Read.Version, violation.Replacement.Version, violation.Age));
    }

    [Fact]
    public void Age_CountsFromTheFirstReplacement()
    {
        // Version 1 was old as soon as 2 was in place, however often it was replaced after.
        var violation = Assert.Single(Check(Replace(2, end: 20), Replace(3, end: 40), Replace(4, end: 60), Read(1, start: 61)));

        Assert.Equal(TimeSpan.FromTicks(41), violation.Age);
    }

    [Fact]
    public void ReplacementsThatEndOutOfOrder_DoNotHideANewerOne() =>
        Assert.Single(Check(Replace(3, end: 20), Replace(2, end: 40), Read(2, start: 60)));

    [Fact]
    public void OtherKeys_DoNotMatter() => AssertRight(Replace(2, end: 20), Read(1, start: 1000) with { Key = 7 });

    [Theory]
    [InlineData(OperationKind.Set)]
    [InlineData(OperationKind.Remove)]
    [InlineData(OperationKind.RemoveTag)]
    public void EveryKindOfReplacement_Counts(OperationKind kind) =>
        Assert.Single(Check(Replace(2, end: 20) with { Kind = kind }, Read(1, start: 31)));

    [Fact]
    public void GreatestAge_IsThatOfTheOldestRead()
    {
        Operation[] history = [Replace(2, end: 20), Read(1, start: 25), Read(1, start: 23), Read(2, start: 900)];

        Assert.Equal(TimeSpan.FromTicks(5), HistoryChecker.GreatestAge(history));
    }

    [Fact]
    public void HistoryFile_ThatWasCutOff_GivesWhatIsWhole()
    {
        var path = Path.GetTempFileName();
        try
        {
            Operation[] written = [Read(1, start: 25), Replace(long.MaxValue, end: 20) with { Key = ushort.MaxValue, Node = 255 }, Read(3, start: 1)];
            using (var file = new HistoryFile(path))
            {
                Array.ForEach(written, file.Write);
            }

            Assert.Equal(written, HistoryFile.Read(path));
            using (var cut = File.OpenWrite(path))
            {
                cut.SetLength(cut.Length - 5);
            }

            Assert.Equal(written[..2], HistoryFile.Read(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Operation Replace(long version, long end) => new(OperationKind.Set, 0, 1, version, end - 1, end);

    private static Operation Read(long version, long start, long? end = null) => new(OperationKind.Read, 1, 1, version, start, end ?? start + 1);

    private static IReadOnlyList<Violation> Check(params Operation[] history) => HistoryChecker.Check(history, Bound);

    private static void AssertRight(params Operation[] history) => Assert.Empty(Check(history));
}
