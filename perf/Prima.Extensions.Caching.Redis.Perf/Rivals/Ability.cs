namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>What a rival can be asked for; those that cannot are left out of a comparison, and the report shows a dash.</summary>
[Flags]
internal enum Ability
{
    Basic = 0,
    Sliding = 1,
    Buffers = 2,
    Refresh = 4,
}
