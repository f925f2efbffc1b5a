using CsCheck;
using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Local;

public class LocalHeapTests
{
    [Fact]
    public void AddRemoveRaise_AnyOrder_LowestIsTheLowest() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1000], Gen.Int[0, 50]).Array[0, 300].Sample(steps =>
        {
            var heap = new LocalHeap();
            var present = new List<LocalEntry>();
            foreach (var (step, which, rank) in steps)
            {
                var entry = present.Count == 0 ? null : present[which % present.Count];
                if (step == 0 || entry is null)
                {
                    entry = new SharedEntry<int>(1) { Key = "key", Size = rank + 1, Created = 0, ExpiresAt = 0, Epoch = 0, Rank = rank };
                    present.Add(entry);
                    heap.Add(entry);
                    Assert.True(entry.IsInMain);
                }
                else if (step == 1)
                {
                    heap.Remove(entry);
                    present.Remove(entry);
                    Assert.False(entry.IsInMain);
                }
                else
                {
                    entry.Rank += rank;
                    heap.Raised(entry);
                }

                Assert.Equal(present.Count, heap.Count);
                Assert.Equal(present.Sum(static entry => entry.Size), heap.Bytes);
                Assert.Equal(present.Min(static entry => (double?)entry.Rank), heap.Lowest?.Rank);
            }

            heap.Clear();
            Assert.Equal((0, 0L), (heap.Count, heap.Bytes));
            Assert.DoesNotContain(present, static entry => entry.IsInMain);
        });
}
