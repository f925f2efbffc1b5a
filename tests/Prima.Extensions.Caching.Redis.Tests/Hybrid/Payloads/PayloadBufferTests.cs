using System.Buffers;
using Prima.Extensions.Caching.Redis.Hybrid.Payloads;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Payloads;

public class PayloadBufferTests
{
    private const int Limit = 64 * 1024;

    [Fact]
    public void Write_UpToTheLimit_IsTaken()
    {
        using var buffer = new PayloadBuffer(Limit);
        buffer.Write(new byte[Limit]);

        Assert.Equal(Limit, buffer.Length);
    }

    [Theory, InlineData(1), InlineData(1000), InlineData(Limit + 1)]
    public void Write_PastTheLimit_IsRefused(int piece)
    {
        using var buffer = new PayloadBuffer(Limit);
        var bytes = new byte[piece];

        Assert.Throws<PayloadTooLargeException>(() =>
        {
            for (var i = 0; i <= Limit; i++)
            {
                buffer.Write(bytes);
            }
        });
    }

    [Theory, InlineData(256 * 1024 * 1024), InlineData(int.MaxValue)]
    public void Memory_FarMoreThanTheLimit_IsRefusedWithoutBeingMade(int hint)
    {
        using var buffer = new PayloadBuffer(Limit);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<PayloadTooLargeException>(() => buffer.GetMemory(hint));
        Assert.Throws<PayloadTooLargeException>(() => buffer.GetSpan(hint));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Limit);
    }
}
