using MessagePack;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>What applications keep: an object that its owner may change, with a contract, so that every cache here can serialize it.</summary>
[MessagePackObject]
public sealed record Admission
{
    public static Admission Example { get; } = new()
    {
        Id = 81_237,
        Patient = "Jane Doe",
        Ward = "Cardiology, second floor",
        AdmittedAt = new DateTime(2026, 11, 20, 8, 30, 0, DateTimeKind.Utc),
        Bed = 12,
        IsUrgent = true,
        Notes = "Observation for two nights; no known allergies; next of kin informed.",
    };

    [Key(0)]
    public int Id { get; set; }

    [Key(1)]
    public string Patient { get; set; } = "";

    [Key(2)]
    public string Ward { get; set; } = "";

    [Key(3)]
    public DateTime AdmittedAt { get; set; }

    [Key(4)]
    public int Bed { get; set; }

    [Key(5)]
    public bool IsUrgent { get; set; }

    [Key(6)]
    public string Notes { get; set; } = "";
}
