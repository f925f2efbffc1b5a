namespace Clinic.Statistics;

/// <summary>One read of the recent past.</summary>
internal readonly record struct ReadSample(ReadSource Source, double ElapsedMilliseconds);
