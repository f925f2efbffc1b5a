using CsCheck;
using Prima.Extensions.Caching.Redis.Entries;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Entries;

public class EntryFrameTests
{
    private static readonly EntryExpiration NeverEnding = new(EntryExpiration.None, EntryExpiration.None);
    private static readonly EntryExpiration Both =
        new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks, TimeSpan.FromMinutes(20).Ticks);

    [Fact]
    public void Write_NeverEnding_IsMagicAndVersion() => Assert.Equal("F5505210", Convert.ToHexString(Frame(NeverEnding)));

    [Fact]
    public void Write_Absolute_IsMillisecondsSince1970() =>
        Assert.Equal("F550521180E896D68D37", Convert.ToHexString(Frame(Both with { SlidingTicks = EntryExpiration.None })));

    [Fact]
    public void Write_Sliding_IsMilliseconds() =>
        Assert.Equal("F5505212809F49", Convert.ToHexString(Frame(Both with { AbsoluteTicks = EntryExpiration.None })));

    [Fact]
    public void Write_AbsoluteAndSliding_IsAbsoluteThenSliding() =>
        Assert.Equal("F550521380E896D68D37809F49", Convert.ToHexString(Frame(Both)));

    [Fact]
    public void Write_LongestExpirations_IsPinned() =>
        Assert.Equal(
            "F550521380B8FF90FD CE39 E6908EEBC5DBD101".Replace(" ", "", StringComparison.Ordinal),
            Convert.ToHexString(Frame(new(DateTimeOffset.MaxValue.Ticks, long.MaxValue))));

    [Fact]
    public void Write_AnyExpiration_FitsIntoMaxLength() =>
        ExpirationGenerators.Expiration.Sample(expiration => Frame(expiration).Length <= EntryFrame.MaxLength, iter: 10_000);

    [Fact]
    public void TryRead_AnyFrame_GivesBackTheExpirationRoundedUpToMilliseconds() =>
        ExpirationGenerators.Expiration.Sample(
            expiration =>
            {
                Assert.True(EntryFrame.TryRead(Frame(expiration), out var read, out _));
                return IsRoundedUp(expiration.AbsoluteTicks, read.AbsoluteTicks) && IsRoundedUp(expiration.SlidingTicks, read.SlidingTicks);
            },
            iter: 10_000);

    [Fact]
    public void TryRead_ExpirationOfWholeMilliseconds_GivesBackTheSame()
    {
        EntryFrame.TryRead(Frame(Both), out var read, out _);

        Assert.Equal(Both, read);
    }

    [Fact]
    public void TryRead_LongestExpirations_GivesBackTheSame()
    {
        var longest = new EntryExpiration(DateTimeOffset.MaxValue.Ticks, long.MaxValue);

        EntryFrame.TryRead(Frame(longest), out var read, out _);

        Assert.Equal(longest, read);
    }

    [Fact]
    public void TryRead_AnyFrameAndPayload_LengthIsThatOfTheFrame() =>
        Gen.Select(ExpirationGenerators.Expiration, Gen.Byte.Array[0, 40]).Sample(
            (expiration, payload) =>
            {
                var frame = Frame(expiration);
                return EntryFrame.TryRead([.. frame, .. payload], out _, out var length) && length == frame.Length;
            },
            iter: 10_000);

    [Fact]
    public void TryRead_AnyTruncatedFrame_IsRefused() =>
        ExpirationGenerators.Expiration.Sample(
            expiration =>
            {
                var frame = Frame(expiration);
                return Enumerable.Range(0, frame.Length).All(length => !EntryFrame.TryRead(frame.AsSpan(0, length), out _, out _));
            },
            iter: 10_000);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void TryRead_OtherMagic_IsRefused(int position)
    {
        var frame = Frame(Both);
        frame[position] ^= 0x01;

        Assert.False(EntryFrame.TryRead(frame, out _, out _));
    }

    [Fact]
    public void TryRead_OtherVersion_IsRefused() =>
        Assert.All(
            Enumerable.Range(0, 16).Where(version => version != 1),
            version => Assert.False(EntryFrame.TryRead([0xF5, 0x50, 0x52, (byte)(version << 4)], out _, out _)));

    [Theory]
    [InlineData(0x04)]
    [InlineData(0x08)]
    [InlineData(0x0C)]
    public void TryRead_ReservedFlags_IsRefused(byte flags) =>
        Assert.False(EntryFrame.TryRead([0xF5, 0x50, 0x52, (byte)(0x10 | flags)], out _, out _));

    [Theory]
    [InlineData(0x11)]
    [InlineData(0x12)]
    public void TryRead_VarintOfTenBytes_IsRefused(byte flags) =>
        Assert.False(EntryFrame.TryRead([0xF5, 0x50, 0x52, flags, .. Enumerable.Repeat<byte>(0x81, 9), 0x01], out _, out _));

    [Fact]
    public void TryRead_LongestVarints_EndWithTheCalendarAndWithTheTicks()
    {
        byte[] longest = [.. Enumerable.Repeat<byte>(0xFF, 8), 0x7F];

        EntryFrame.TryRead([0xF5, 0x50, 0x52, 0x13, .. longest, .. longest], out var read, out _);

        Assert.Equal(new EntryExpiration(DateTimeOffset.MaxValue.Ticks, long.MaxValue), read);
    }

    [Fact]
    public void TryRead_SlidingOfZero_IsRefused() =>
        Assert.False(EntryFrame.TryRead([0xF5, 0x50, 0x52, 0x12, 0x00], out _, out _));

    [Theory]
    [InlineData("PR")]
    [InlineData("{\"name\":\"text\"}")]
    [InlineData("\u00F5PR\u0010")]
    public void TryRead_Text_IsRefused(string text) =>
        Assert.False(EntryFrame.TryRead(System.Text.Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void TryRead_AnyBytes_NeverThrows() =>
        Gen.Byte.Array[0, 40].Sample(bytes => { EntryFrame.TryRead(bytes, out _, out _); }, iter: 10_000);

    [Fact]
    public void TryRead_AnyBytesAfterTheMagic_IsRefusedOrAnExpirationThatFits() =>
        Gen.Select(Gen.Byte[0x10, 0x13], Gen.Byte.Array[0, 24]).Sample(
            (flags, rest) =>
            {
                byte[] entry = [0xF5, 0x50, 0x52, flags, .. rest];
                return !EntryFrame.TryRead(entry, out var read, out var length)
                    || (length <= entry.Length && EntryExpiration.TryCreate(read.AbsoluteTicks, read.SlidingTicks, out _));
            },
            iter: 10_000);

    private static byte[] Frame(EntryExpiration expiration)
    {
        // More room than promised to be enough, so that a frame too long is seen and not thrown.
        var buffer = new byte[EntryFrame.MaxLength * 2];
        return buffer[..EntryFrame.Write(expiration, buffer)];
    }

    private static bool IsRoundedUp(long written, long read) =>
        written == EntryExpiration.None ? read == EntryExpiration.None : read >= written && read - written < TimeSpan.TicksPerMillisecond;
}
