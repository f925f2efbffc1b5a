using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.Operations;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Operations;

public class RecoveryJournalTests
{
    private const int Capacity = 4;

    private enum Step
    {
        AddRemoval,
        AddWrite,
        Forget,
        Complete,
        Postpone,
        Advance,
        BeginWrite,
        EndWrite,
        BeginRemoval,
    }

    [Fact]
    public void Journal_AfterAnySteps_IsAsTheModelSays() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 6]).Array[0, 60].Sample(steps =>
        {
            var time = new FakeTimeProvider();
            var journal = new RecoveryJournal(Capacity, time);
            var model = new Model();
            foreach (var (step, key) in steps)
            {
                Apply(step, $"k{key}", journal, model, time);
                Assert.Equal(model.Entries.Count, journal.Count);
                Assert.All(Enumerable.Range(0, 7), i => Assert.Equal(model.Entries.Exists(entry => entry.Key == $"k{i}"), journal.Contains($"k{i}")));
                Assert.Equal(
                    model.Entries.Where(entry => model.CanBegin(entry, time.GetUtcNow())).Select(entry => entry.Key),
                    journal.Due(100).Select(intent => intent.Key.ToString()));
            }
        });

    // What it is to do, in the plainest way: a list, oldest first.
    private static void Apply(Step step, string key, RecoveryJournal journal, Model model, FakeTimeProvider time)
    {
        var known = model.Entries.Find(entry => entry.Key == key);
        model.Removals.TryGetValue(key, out var removal);
        switch (step)
        {
            case Step.AddRemoval or Step.AddWrite:
                model.Entries.Remove(known!);
                model.Entries.Add(new(key, step == Step.AddWrite || known?.MayStillBeWritten == true) { NotBefore = time.GetUtcNow() });
                Assert.Equal(model.Entries.Count > Capacity, journal.Add(key, step == Step.AddWrite));
                if (model.Entries.Count > Capacity)
                {
                    model.Entries.RemoveAt(0);
                }

                break;
            case Step.Forget:
                journal.Forget(key, journal.Additions);
                if (known?.MayStillBeWritten == false && !model.Removals.ContainsKey(key))
                {
                    model.Entries.Remove(known);
                }
                else if (known?.MayStillBeWritten == false)
                {
                    known.IsOver = true;
                }

                break;
            case Step.BeginRemoval when journal.Due(100).Find(due => due.Key == key) is { } due:
                Assert.True(journal.TryBeginRemoval(due));
                Assert.False(journal.TryBeginRemoval(due));
                model.Removals[key] = new(due, known!, time.GetUtcNow());
                break;
            case Step.Complete when removal is not null:
                var isDone = ReferenceEquals(removal.Entry, known) && (known.IsOver || known.IsConfirmation || !known.MayStillBeWritten);
                Assert.Equal(isDone, journal.Complete(removal.Intent));
                model.EndRemoval(key, isDone ? null : removal.Entry with { IsConfirmation = true, NotBefore = time.GetUtcNow() + RecoveryJournal.ConfirmationDelay });
                break;
            case Step.Postpone when removal is not null:
                journal.Postpone(removal.Intent, TimeSpan.FromSeconds(1));
                model.EndRemoval(key, removal.Entry.IsOver ? null : removal.Entry with { NotBefore = time.GetUtcNow().AddSeconds(1) });
                break;
            case Step.BeginWrite:
                var waitsFor = journal.BeginWrite(key, out var patience);
                var left = removal is null ? TimeSpan.Zero : RecoveryJournal.Patience - (time.GetUtcNow() - removal.BeganAt);
                Assert.Equal((known is not null || removal is not null, left > TimeSpan.Zero), (waitsFor is not null, waitsFor is { IsCompleted: false }));
                Assert.Equal(left, patience);
                if (waitsFor is not null)
                {
                    model.Writes.Add(key);
                }

                break;
            case Step.EndWrite when model.Writes.Remove(key):
                journal.EndWrite(key);
                break;
            case Step.Advance:
                time.Advance(TimeSpan.FromMilliseconds(400));
                break;
        }
    }

    [Fact]
    public void Complete_OfAnIntentThatANewerOneReplaced_LeavesTheNewer()
    {
        var journal = new RecoveryJournal(Capacity, TimeProvider.System);
        journal.Add("k", mayStillBeWritten: false);
        var older = journal.Due(1)[0];
        Assert.True(journal.TryBeginRemoval(older));
        journal.Add("k", mayStillBeWritten: false);

        Assert.False(journal.Complete(older));
        Assert.True(journal.Contains("k"));
    }

    [Fact]
    public void Due_OfMore_IsTheOldest()
    {
        var journal = new RecoveryJournal(Capacity, TimeProvider.System);
        journal.Add("a", mayStillBeWritten: false);
        journal.Add("b", mayStillBeWritten: false);
        journal.Add("a", mayStillBeWritten: false);

        Assert.Equal(["b"], journal.Due(1).Select(intent => intent.Key.ToString()));
    }

    [Fact]
    public void BeginWrite_WhileTheKeyIsRemoved_GivesTheEndOfThat()
    {
        var journal = new RecoveryJournal(Capacity, TimeProvider.System);
        journal.Add("k", mayStillBeWritten: false);
        var intent = journal.Due(1)[0];
        journal.TryBeginRemoval(intent);

        var removal = journal.BeginWrite("k", out _);
        Assert.False(removal!.IsCompleted);
        journal.Postpone(intent, TimeSpan.Zero);

        Assert.True(removal.IsCompleted);
        Assert.False(journal.TryBeginRemoval(intent));
        journal.EndWrite("k");
        Assert.True(journal.TryBeginRemoval(intent));
    }

    [Fact]
    public void Forget_AWriteWhileTheKeyIsRemoved_EndsTheMatterWithThatRemoval()
    {
        var journal = new RecoveryJournal(Capacity, TimeProvider.System);
        journal.Add("k", mayStillBeWritten: true, endsWithWrite: true);
        var intent = journal.Due(1)[0];
        journal.TryBeginRemoval(intent);

        journal.Forget("k", journal.Additions, isWritten: true);
        Assert.True(journal.Contains("k"));
        journal.Postpone(intent, TimeSpan.Zero);

        Assert.Equal(0, journal.Count);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Forget_BeforeTheSecondRemoval_DoesNotSpareIt(bool isWritten)
    {
        var time = new FakeTimeProvider();
        var journal = new RecoveryJournal(Capacity, time);
        journal.Add("k", mayStillBeWritten: true);
        var intent = journal.Due(1)[0];
        journal.TryBeginRemoval(intent);
        Assert.False(journal.Complete(intent));

        journal.Forget("k", journal.Additions, isWritten);
        time.Advance(RecoveryJournal.ConfirmationDelay);

        Assert.Equal(intent, Assert.Single(journal.Due(1)));
        Assert.True(journal.TryBeginRemoval(intent));
        Assert.True(journal.Complete(intent));
    }

    [Fact]
    public void Forget_OfAWriteThatBeganBeforeTheIntent_SparesIt()
    {
        var journal = new RecoveryJournal(Capacity, TimeProvider.System);
        journal.Add("k", mayStillBeWritten: false);
        var since = journal.Additions;
        journal.Add("k", mayStillBeWritten: false);

        journal.Forget("k", since, isWritten: true);
        Assert.True(journal.Contains("k"));
        journal.Forget("k", journal.Additions, isWritten: true);

        Assert.False(journal.Contains("k"));
    }

    [Fact]
    public void Due_OfAKeyThatIsWrittenWithoutAPause_IsThereAfterAWhile()
    {
        var time = new FakeTimeProvider();
        var journal = new RecoveryJournal(Capacity, time);
        journal.Add("k", mayStillBeWritten: true);
        journal.BeginWrite("k", out _);

        Assert.Empty(journal.Due(1));
        time.Advance(RecoveryJournal.Patience);

        Assert.Single(journal.Due(1));
    }

    private sealed class Model
    {
        public List<Entry> Entries { get; } = [];

        public Dictionary<string, Removal> Removals { get; } = [];

        public List<string> Writes { get; } = [];

        public bool CanBegin(Entry entry, DateTimeOffset now) =>
            entry.NotBefore <= now && !Removals.ContainsKey(entry.Key) && (!Writes.Contains(entry.Key) || now - entry.NotBefore >= RecoveryJournal.Patience);

        public void EndRemoval(string key, Entry? again)
        {
            // What a newer one has replaced, or was dropped, is not tried again.
            if (Removals.Remove(key, out var removal) && Entries.RemoveAll(entry => ReferenceEquals(entry, removal.Entry)) > 0 && again is not null)
            {
                Entries.Add(again);
            }
        }
    }

    private sealed record Entry(string Key, bool MayStillBeWritten)
    {
        public bool IsConfirmation { get; init; }

        public bool IsOver { get; set; }

        public DateTimeOffset NotBefore { get; init; }
    }

    private sealed record Removal(RecoveryJournal.Intent Intent, Entry Entry, DateTimeOffset BeganAt);
}
