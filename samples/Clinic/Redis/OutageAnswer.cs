namespace Clinic.Redis;

/// <summary>What stopping or starting the embedded server answers.</summary>
/// <param name="Running">Whether it runs now.</param>
internal sealed record OutageAnswer(bool Running);
