using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.IntegrationTests.Distributed;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>What being measured costs. <see cref="AllocationTests"/> holds the same bound where nobody listens.</summary>
[Collection(nameof(AllocationTests))]
public sealed class TelemetryAllocationTests
{
    private const int Operations = 4000;

    [Fact]
    public async Task Read_IsMeasured_StaysWithinTheBudgetOfOneThatIsNot()
    {
        var measured = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == PrimaRedisCacheTelemetry.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => measured++);
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => measured++);
        listener.Start();
        await using var prima = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = (await SharedServers.GetProcessAsync()).Configuration, InstanceName = "telemetry:" });
        IBufferDistributedCache cache = prima;
        await cache.SetAsync("k", new byte[1024], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(10) });
        var destination = new ArrayBufferWriter<byte>(2048);

        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            measured = 0;
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Operations; i++)
            {
                destination.ResetWrittenCount();
                Assert.True(await cache.TryGetAsync("k", destination));
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / Operations);

            // A lookup, a duration and a size each.
            Assert.Equal(3 * Operations, measured);
        }

        Assert.InRange(least, 1, 500);
    }
}
