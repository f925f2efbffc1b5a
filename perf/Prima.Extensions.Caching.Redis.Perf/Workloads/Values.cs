namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

internal static class Values
{
    public const int Small = 100;
    public const int Kibibyte = 1024;
    public const int Large = 100 * 1024;

    /// <summary>Bytes that are the same in every run.</summary>
    public static byte[] Random(int size)
    {
        var value = new byte[size];
        new Random(size).NextBytes(value);
        return value;
    }

    public static string SizeName(int size) => size % 1024 == 0 ? $"{size / 1024} KiB" : $"{size} B";
}
