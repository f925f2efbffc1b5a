using System.ComponentModel.DataAnnotations;

namespace Clinic.Patients;

/// <summary>How slow the store is: configuration section <c>Clinic:StoreDelay</c>.</summary>
internal sealed class StoreDelayOptions
{
    public const string Section = "Clinic:StoreDelay";

    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan Read { get; set; } = TimeSpan.FromMilliseconds(60);

    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan Update { get; set; } = TimeSpan.FromMilliseconds(120);
}
