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
    }

    [Fact]
    public void Journal_AfterAnySteps_IsAsTheModelSays() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 6]).Array[0, 60].Sample(steps =>
        {
            var time = new FakeTimeProvider();
            var journal = new RecoveryJournal(Capacity, time);
            var model = new List<Entry>();
            foreach (var (step, key) in steps)
            {
                Apply(step, $"k{key}", journal, model, time);
                Assert.Equal(model.Count, journal.Count);
                Assert.All(Enumerable.Range(0, 7), i => Assert.Equal(model.Exists(entry => entry.Key == $"k{i}"), journal.Contains($"k{i}")));
                Assert.Equal(model.Where(entry => entry.NotBefore <= time.GetUtcNow()).Select(entry => entry.Key), journal.Due(100).Select(intent => intent.Key.ToString()));
            }
        });

    // What it is to do, in the plainest way: a list, oldest first.
    private static void Apply(Step step, string key, RecoveryJournal journal, List<Entry> model, FakeTimeProvider time)
    {
        var known = model.Find(entry => entry.Key == key);
        var intent = journal.Due(100).Find(due => due.Key == key);
        switch (step)
        {
            case Step.AddRemoval or Step.AddWrite:
                model.Remove(known!);
                model.Add(new(key, step == Step.AddWrite || known?.MayStillBeWritten == true));
                Assert.Equal(model.Count > Capacity, journal.Add(key, step == Step.AddWrite));
                if (model.Count > Capacity)
                {
                    model.RemoveAt(0);
                }

                break;
            case Step.Forget:
                journal.Forget(key);
                model.RemoveAll(entry => entry.Key == key && !entry.MayStillBeWritten);
                break;
            case Step.Complete when intent is not null:
                model.Remove(known!);
                if (known!.MayStillBeWritten)
                {
                    model.Add(new(key, MayStillBeWritten: false) { NotBefore = time.GetUtcNow() + RecoveryJournal.ConfirmationDelay });
                }

                Assert.Equal(!known.MayStillBeWritten, journal.Complete(intent));
                break;
            case Step.Postpone when intent is not null:
                journal.Postpone(intent, TimeSpan.FromSeconds(1));
                model.Remove(known!);
                model.Add(known! with { NotBefore = time.GetUtcNow().AddSeconds(1) });
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

    private sealed record Entry(string Key, bool MayStillBeWritten)
    {
        public DateTimeOffset NotBefore { get; init; } = DateTimeOffset.MinValue;
    }
}
