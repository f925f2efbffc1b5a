using CsCheck;
using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Local;

public class LocalStoreTests
{
    private readonly List<RemovalCause> _removed = [];
    private long _now = 1000;

    [Fact]
    public void AnyUse_StaysWithinBothLimits() =>
        Gen.Select(Gen.Int[1, 50], Gen.Long[200, 5000], Gen.Select(Gen.Int[0, 100], Gen.Long[1, 20], Gen.Int[0, 20]).Array[0, 500]).Sample((entries, bytes, steps) =>
        {
            var store = NewStore(entries, bytes);
            foreach (var (key, size, step) in steps)
            {
                var present = store.Peek($"{key}");
                switch (step)
                {
                    case 0:
                        Assert.Equal(present is not null, store.Remove($"{key}", RemovalCause.Invalidated));
                        break;
                    case 1 when size == 1:
                        store.Clear();
                        break;
                    case 2 when present is not null:
                        Assert.True(store.TryGrow(present, size));
                        break;
                    case < 10:
                        Assert.Equal(present is not null, store.TryGet($"{key}", out _));
                        break;
                    default:
                        // One that grows may have to leave itself. What it replaces is gone in any case.
                        store.Set(Entry($"{key}", size));
                        Assert.True(store.TryGet($"{key}", out var entry) ? entry.Size == size : present is not null, "What was set is not there.");
                        break;
                }

                Assert.InRange(store.Count, 0, entries);
                Assert.InRange(store.Bytes, 0, bytes);
            }

            Assert.Equal(store.Count, Enumerable.Range(0, 101).Count(key => store.Peek($"{key}") is not null));
            Assert.Equal(store.Bytes, Enumerable.Range(0, 101).Sum(key => store.Peek($"{key}")?.Size ?? 0));
        });

    [Fact]
    public void Set_OfAnother_LeavesTimeToReadWhatWasSet()
    {
        var store = NewStore(100);
        AskInTurn(store, "", 90, 1000);

        for (var i = 0; i < 500; i++)
        {
            store.Set(Entry($"new {i}"));
            Assert.NotNull(store.Peek($"new {Math.Max(i - 5, 0)}"));
        }
    }

    [Fact]
    public void Clear_WhatWasAskedForOften_ComesBackBeforeOthers()
    {
        var store = NewStore(100);
        for (var i = 0; i < 4000; i++)
        {
            Ask(store, i % 2 == 0 ? $"hot {i % 80}" : $"cold {i}");
        }

        store.Clear();
        for (var i = 0; i < 80; i += 2)
        {
            store.Set(Entry($"hot {i}"));
        }

        for (var i = 0; i < 1000; i++)
        {
            store.Set(Entry($"scan {i}"));
        }

        Assert.InRange(Enumerable.Range(0, 40).Count(i => store.Peek($"hot {2 * i}") is not null), 36, 40);
    }

    [Fact]
    public void Scan_OfWhatNobodyAsksForAgain_LeavesWhatIsUsed()
    {
        var store = NewStore(100);
        for (var i = 0; i < 80; i++)
        {
            store.Set(Entry($"hot {i}"));
            store.TryGet($"hot {i}", out _);
        }

        for (var i = 0; i < 1000; i++)
        {
            store.Set(Entry($"scan {i}"));
        }

        Assert.Equal(80, Enumerable.Range(0, 80).Count(i => store.TryGet($"hot {i}", out _)));
    }

    [Theory]
    [InlineData(110)]
    [InlineData(200)]
    public void Loop_OverMoreThanThereIsRoomFor_MostOfWhatThereIsRoomForStays(int length)
    {
        var store = NewStore(100);
        AskInTurn(store, "", length, 100 * length);

        Assert.InRange(Enumerable.Range(0, length).Sum(i => Ask(store, $"{i}")), 85, 100);
    }

    [Fact]
    public void OtherKeysAreAskedForOften_TakeThePlaceOfTheFormerOnes()
    {
        var store = NewStore(100);
        AskInTurn(store, "old ", 90, 10_000);
        AskInTurn(store, "new ", 90, 4000);

        Assert.InRange(Enumerable.Range(0, 90).Count(i => store.Peek($"new {i}") is not null), 85, 90);
    }

    [Fact]
    public void Remove_OfWhatIsAskedForOften_ComesBackBeforeOthers()
    {
        var store = NewStore(100);
        for (var i = 0; i < 2000; i++)
        {
            Ask(store, i % 2 == 0 ? $"hot {i % 80}" : $"cold {i}");
        }

        store.Remove("hot 0", RemovalCause.Invalidated);
        store.Set(Entry("hot 0"));
        for (var i = 0; i < 1000; i++)
        {
            store.Set(Entry($"scan {i}"));
        }

        Assert.NotNull(store.Peek("hot 0"));
    }

    [Fact]
    public void Set_OfOthers_FindsWhatIsOverAlthoughItWasAskedForOften()
    {
        var store = NewStore(100);
        for (var i = 0; i < 1000; i++)
        {
            Ask(store, $"{i % 50}", expiresAt: 2000);
        }

        _now = 5000;
        for (var i = 0; i < 300; i++)
        {
            store.Set(Entry($"new {i % 60}"));
        }

        Assert.Equal(60, store.Count);
    }

    [Fact]
    public void Set_WhenFull_ExpiredEntriesLeaveFirst()
    {
        var store = NewStore(10);
        for (var i = 0; i < 10; i++)
        {
            store.Set(Entry($"{i}", expiresAt: i == 0 ? 2000 : 9000));
            store.TryGet($"{i}", out _);
        }

        _now = 5000;
        store.Set(Entry("new"));

        Assert.Null(store.Peek("0"));
        Assert.Equal([RemovalCause.Expired], _removed);
    }

    [Fact]
    public void TryGet_BySpan_FindsTheSame()
    {
        var store = NewStore(10);
        store.Set(Entry("patient:7"));

        Assert.True(store.TryGet("ward patient:7 bed".AsSpan(5, 9), out var entry));
        Assert.Same(store.Peek("patient:7"), entry);
    }

    [Fact]
    public void Remove_OfAnEntryThatWasReplaced_LeavesTheNewOne()
    {
        var store = NewStore(10);
        var old = Entry("key");
        store.Set(old);
        store.Set(Entry("key"));

        Assert.False(store.Remove(old, RemovalCause.Invalidated));
        Assert.NotNull(store.Peek("key"));
        Assert.True(store.Remove("key", RemovalCause.Invalidated));
        Assert.Equal([RemovalCause.Replaced, RemovalCause.Invalidated], _removed);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(50)]
    public void TryGrow_StaysWithinTheBytes(int others)
    {
        var store = NewStore(100, bytes: 60);
        var entry = Entry("key");
        store.Set(entry);
        for (var i = 0; i < others; i++)
        {
            store.Set(Entry($"{i}"));
        }

        Assert.True(store.TryGrow(entry, 20));
        Assert.InRange(store.Bytes, 0, 60);
        Assert.Equal(store.Bytes, Enumerable.Range(0, others).Select(i => $"{i}").Append("key").Sum(key => store.Peek(key)?.Size ?? 0));
        store.Remove("key", RemovalCause.Invalidated);
        Assert.False(store.TryGrow(entry, 20));
        Assert.InRange(store.Bytes, 0, others);
    }

    [Fact]
    public void Clear_EmptiesIt()
    {
        var store = NewStore(10);
        store.Set(Entry("one"));
        store.Set(Entry("two"));

        store.Clear();

        Assert.Equal((0, 0L), (store.Count, store.Bytes));
        Assert.Null(store.Peek("one"));
        store.Set(Entry("one"));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public async Task ConcurrentUse_KeepsItsCount()
    {
        var store = NewStore(50, recordsRemovals: false);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 20_000; i++)
            {
                var key = $"{random.Next(200)}";
                switch (random.Next(10))
                {
                    case 0:
                        store.Remove(key, RemovalCause.Invalidated);
                        break;
                    case 1 when random.Next(1000) == 0:
                        store.Clear();
                        break;
                    case 2 when store.Peek(key) is { } entry:
                        store.TryGrow(entry, 1);
                        break;
                    case < 5:
                        store.Set(Entry(key, size: random.Next(1, 10)));
                        break;
                    default:
                        store.TryGet(key, out _);
                        break;
                }
            }
        })));

        Assert.InRange(store.Count, 0, 50);
        Assert.Equal(store.Count, Enumerable.Range(0, 200).Count(key => store.Peek($"{key}") is not null));
        Assert.Equal(store.Bytes, Enumerable.Range(0, 200).Sum(key => store.Peek($"{key}")?.Size ?? 0));
    }

    private static void AskInTurn(LocalStore store, string prefix, int keys, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Ask(store, $"{prefix}{i % keys}");
        }
    }

    private static int Ask(LocalStore store, string key, long expiresAt = long.MaxValue)
    {
        if (store.TryGet(key, out _))
        {
            return 1;
        }

        store.Set(Entry(key, expiresAt: expiresAt));
        return 0;
    }

    private static SharedEntry<string> Entry(string key, long size = 1, long expiresAt = long.MaxValue) =>
        new("value") { Key = key, Size = size, Created = 0, ExpiresAt = expiresAt, Epoch = 0 };

    private LocalStore NewStore(int entries, long bytes = long.MaxValue, bool recordsRemovals = true) =>
        new(entries, bytes, () => _now, cause =>
        {
            if (recordsRemovals)
            {
                _removed.Add(cause);
            }
        });
}
