namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>Throws when somebody looks at it, if it is in that mood.</summary>
public sealed class Moody
{
    private string _mood = "good";

    public string Mood
    {
        get => _mood == "bad" ? throw new InvalidOperationException("Leave me alone.") : _mood;
        set => _mood = value;
    }
}
