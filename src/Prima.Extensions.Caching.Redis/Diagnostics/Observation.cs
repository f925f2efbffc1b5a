using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>One operation under way.</summary>
/// <param name="Operation">Its name.</param>
/// <param name="IsLookup">Whether it asks for values.</param>
/// <param name="StartedAt">A timestamp, if anybody wants to know how long it takes.</param>
/// <param name="Activity">Its span, if anybody listens.</param>
internal readonly record struct Observation(string Operation, bool IsLookup, long StartedAt, Activity? Activity);
