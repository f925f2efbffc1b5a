using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Prima.Extensions.Caching.Redis.Hybrid.Payloads;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Payloads;

public class HybridPayloadTests
{
    // As Microsoft's package 10.11.0 wrote it: SetAsync("k1", "v1", tags: ["t1"]).
    private const string Microsofts = "03018DF5C91FFE04C148DF08000280BCC1960B01026B3102743176310301";

    private static readonly Gen<string> Names = Gen.String[1, 40].Where(text => !text.Any(char.IsSurrogate));

    [Fact]
    public void TryRead_MicrosoftsPayload_IsUnderstood()
    {
        var bytes = Convert.FromHexString(Microsofts);

        Assert.Equal(PayloadVerdict.Valid, HybridPayload.TryRead(bytes, "k1", out var header));
        Assert.Equal("v1", Encoding.UTF8.GetString(bytes, header.Offset, header.Length));
        Assert.Equal(["t1"], header.Tags);
        Assert.Equal(TimeSpan.FromMinutes(5).Ticks, header.Duration);
        Assert.Equal(0xF58D, header.Entropy);
    }

    [Fact]
    public void Write_TheSameEntry_IsMicrosoftsPayload()
    {
        var theirs = Convert.FromHexString(Microsofts);
        HybridPayload.TryRead(theirs, "k1", out var header);

        Assert.Equal(Microsofts, Convert.ToHexString(Write("k1", ["t1"], header.Created, header.Duration, header.Entropy, "v1"u8.ToArray())));
    }

    [Fact]
    public void TryRead_Version2_SkipsTheLocalSize()
    {
        // The flags say that a local size follows the duration: 300, two bytes.
        var bytes = Convert.FromHexString("0302" + "8DF5C91FFE04C148DF08" + "01" + "02" + "80BCC1960B" + "AC02" + "01" + "026B31" + "027431" + "7631" + "0302");

        Assert.Equal(PayloadVerdict.Valid, HybridPayload.TryRead(bytes, "k1", out var header));
        Assert.Equal("v1", Encoding.UTF8.GetString(bytes, header.Offset, header.Length));
    }

    [Fact]
    public void TryRead_WhatWasWritten_IsTheSame() =>
        Gen.Select(Names, Names.Array[0, 8], Gen.Long[0, DateTime.MaxValue.Ticks], Gen.Long[0, long.MaxValue], Gen.UShort, Gen.Byte.Array[0, 300]).Sample((key, tags, created, duration, entropy, value) =>
        {
            var bytes = Write(key, tags, created, duration, entropy, value);
            return HybridPayload.TryRead(bytes, key, out var header) == PayloadVerdict.Valid
                && header.Created == created && header.Duration == duration && header.Entropy == entropy && header.Tags.SequenceEqual(tags)
                && bytes.AsSpan(header.Offset, header.Length).SequenceEqual(value)
                && header.Ends >= header.Created && header.Ends <= DateTime.MaxValue.Ticks;
        });

    [Fact]
    public void TryRead_AnyPartOfAPayload_IsNone() =>
        Gen.Select(Names, Names.Array[0, 4], Gen.Byte.Array[0, 100]).Sample((key, tags, value) =>
        {
            var bytes = Write(key, tags, 1, 2, 3, value);
            return Enumerable.Range(0, bytes.Length).All(length => HybridPayload.TryRead(bytes.AsSpan(0, length), key, out _) != PayloadVerdict.Valid)
                && HybridPayload.TryRead([.. bytes, 0], key, out _) == PayloadVerdict.Malformed;
        });

    [Fact]
    public void TryRead_AnyOtherKey_IsRefused() =>
        Gen.Select(Names, Names).Where((one, other) => one != other).Sample((one, other) =>
            HybridPayload.TryRead(Write(one, [], 1, 2, 3, [1]), other, out _) == PayloadVerdict.OtherKey);

    [Fact]
    public void TryRead_Garbage_NeverThrows() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Bool).Sample((garbage, looksValid) =>
        {
            if (looksValid && garbage.Length > 12)
            {
                BinaryPrimitives.WriteInt64LittleEndian(garbage.AsSpan(4), 1);
                (garbage[0], garbage[1]) = (3, 1);
            }

            return HybridPayload.TryRead(garbage, "key", out _) != PayloadVerdict.Valid;
        }, iter: 100_000);

    [Theory]
    [InlineData("00" + "FFFFFFFF0F" + "01" + "00" + "00")] // a value of 4 GiB
    [InlineData("00" + "02" + "01" + "FFFFFFFF07" + "026B31")] // two thousand million tags
    [InlineData("00" + "02" + "01" + "8008" + "026B31")] // 1,024 tags of which none is there
    [InlineData("00" + "02" + "01" + "01" + "FFFFFFFF07")] // a key of 2 GiB
    [InlineData("00" + "02" + "01" + "01" + "026B31" + "FFFFFFFF07")] // a tag of 2 GiB
    [InlineData("00" + "FFFFFFFFFFFFFFFFFF01" + "01" + "00" + "026B31")] // a value of 2^64-1 bytes
    [InlineData("00" + "FFFFFFFFFFFFFFFFFF7F")] // a number that fits no 64 bits
    public void TryRead_LengthsThatCannotBe_AllocateNothingForThem(string rest)
    {
        var bytes = Convert.FromHexString("0301" + "0000" + "0100000000000000" + rest + "0301");
        HybridPayload.TryRead(bytes, "k1", out _);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.NotEqual(PayloadVerdict.Valid, HybridPayload.TryRead(bytes, "k1", out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024);
    }

    [Theory]
    [InlineData("FEFFFFFFFFFFFFFFFF01", "")] // with the trailer's two bytes it would be 0
    [InlineData("FFFFFFFFFFFFFFFFFF01", "03")] // 1
    public void TryRead_ALengthThatWrapsAround_IsMalformed(string length, string rest) =>
        Assert.Equal(PayloadVerdict.Malformed, HybridPayload.TryRead(Convert.FromHexString("0301" + "0000" + "0100000000000000" + "00" + length + "01" + "00" + "026B31" + rest), "k1", out _));

    [Fact]
    public void Frame_OfABuffer_IsThePayload()
    {
        using var buffer = new PayloadBuffer(limit: 1000, HybridPayload.MaximumHeaderLength("k1", ["t1"]));
        "v1"u8.CopyTo(buffer.GetSpan(2));
        buffer.Advance(2);
        HybridPayload.TryRead(Convert.FromHexString(Microsofts), "k1", out var header);

        Assert.Equal(Microsofts, Convert.ToHexString(buffer.Frame("k1", ["t1"], header.Created, header.Duration, header.Entropy).Span));
    }

    [Fact]
    public void Frame_OfAnyValue_CanBeRead() =>
        Gen.Select(Names, Names.Array[0, 4], Gen.Byte.Array[0, 5000], Gen.Int[1, 700]).Sample((key, tags, value, piece) =>
        {
            using var buffer = new PayloadBuffer(limit: 5000, HybridPayload.MaximumHeaderLength(key, tags));
            foreach (var part in value.Chunk(piece))
            {
                part.CopyTo(buffer.GetSpan(part.Length));
                buffer.Advance(part.Length);
            }

            var framed = buffer.Frame(key, tags, 1, 2, 3);
            return buffer.Written.Span.SequenceEqual(value)
                && HybridPayload.TryRead(framed.Span, key, out var header) == PayloadVerdict.Valid
                && framed.Span.Slice(header.Offset, header.Length).SequenceEqual(value);
        });

    [Fact]
    public void Buffer_MoreThanItsLimit_IsRefused()
    {
        using var buffer = new PayloadBuffer(limit: 100);

        Assert.Throws<PayloadTooLargeException>(() => buffer.GetSpan(1_000_000));
        buffer.GetSpan(200);
        Assert.Throws<PayloadTooLargeException>(() => buffer.Advance(101));
        buffer.Advance(100);
        Assert.Throws<PayloadTooLargeException>(() => buffer.Advance(1));
    }

    private static byte[] Write(string key, string[] tags, long created, long duration, ushort entropy, byte[] value)
    {
        var bytes = new byte[HybridPayload.MaximumHeaderLength(key, tags) + value.Length + 2];
        var length = HybridPayload.WriteHeader(bytes, key, tags, created, duration, entropy, value.Length);
        value.CopyTo(bytes, length);
        length += value.Length;
        return bytes[..(length + HybridPayload.WriteTrailer(bytes.AsSpan(length)))];
    }
}
