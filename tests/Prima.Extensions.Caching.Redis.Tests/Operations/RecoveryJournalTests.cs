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
                    model.Entries.Where(entry => entry.NotBefore <= time.GetUtcNow() && model.IsLeftAlone(entry.Key)).Select(entry => entry.Key),
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
                model.Entries.Add(new(key, step == Step.AddWrite || known?.MayStillBeWritten == true));
                Assert.Equal(model.Entries.Count > Capacity, journal.Add(key, step == Step.AddWrite));
                if (model.Entries.Count > Capacity)
                {
                    model.Entries.RemoveAt(0);
                }

                break;
            case Step.Forget:
                journal.Forget(key);
                if (known?.MayStillBeWritten == false && removal.Intent is null)
                {
                    model.Entries.Remove(known);
                }

                break;
            case Step.BeginRemoval when journal.Due(100).Find(due => due.Key == key) is { } due:
                Assert.True(journal.TryBegin(due));
                Assert.False(journal.TryBegin(due));
                model.Removals[key] = (due, known!);
                break;
            case Step.Complete when removal.Intent is not null:
                var isDone = ReferenceEquals(removal.Entry, known) && !known.MayStillBeWritten;
                Assert.Equal(isDone, journal.Complete(removal.Intent));
                model.EndRemoval(key, isDone ? null : removal.Entry with { MayStillBeWritten = false, NotBefore = time.GetUtcNow() + RecoveryJournal.ConfirmationDelay });
                break;
            case Step.Postpone when removal.Intent is not null:
                journal.Postpone(removal.Intent, TimeSpan.FromSeconds(1));
                model.EndRemoval(key, removal.Entry with { NotBefore = time.GetUtcNow().AddSeconds(1) });
                break;
            case Step.BeginWrite:
                var waitsFor = journal.BeginWrite(key);
                Assert.Equal((known is not null || removal.Intent is not null, removal.Intent is not null), (waitsFor is not null, waitsFor is { IsCompleted: false }));
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
        Assert.True(journal.TryBegin(older));
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
        journal.TryBegin(intent);

        var removal = journal.BeginWrite("k");
        Assert.False(removal!.IsCompleted);
        journal.Postpone(intent, TimeSpan.Zero);

        Assert.True(removal.IsCompleted);
        Assert.False(journal.TryBegin(intent));
        journal.EndWrite("k");
        Assert.True(journal.TryBegin(intent));
    }

    private sealed class Model
    {
        public List<Entry> Entries { get; } = [];

        public Dictionary<string, (RecoveryJournal.Intent Intent, Entry Entry)> Removals { get; } = [];

        public List<string> Writes { get; } = [];

        public bool IsLeftAlone(string key) => !Removals.ContainsKey(key) && !Writes.Contains(key);

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
        public DateTimeOffset NotBefore { get; init; } = DateTimeOffset.MinValue;
    }
}
