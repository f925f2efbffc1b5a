namespace Clinic.Visits;

/// <summary>What <c>GET /session</c> answers.</summary>
/// <param name="Visits">How often this browser was here, this time included.</param>
internal sealed record VisitsAnswer(int Visits);
