using Xunit.v3;

namespace Prima.Extensions.Caching.Redis.TestServers;

/// <summary>What the environment asks of the test servers.</summary>
/// <remarks>
/// <c>PRIMA_TEST_REDIS</c> = auto | container | process | embedded; <c>PRIMA_TEST_REQUIRE=1</c>: a missing server fails the test
/// instead of skipping it; <c>PRIMA_TEST_IMAGE</c>: another container image.
/// </remarks>
public static class TestEnvironment
{
    private const string ChoiceVariable = "PRIMA_TEST_REDIS";

    /// <summary>The one place that names the container image.</summary>
    private const string DefaultImage = "redis:7.0";

    /// <summary>The kind that the environment insists on; null for auto.</summary>
    /// <exception cref="InvalidOperationException">The variable has a value that is none of the allowed ones.</exception>
    public static ServerKind? Choice
    {
        get
        {
            string choice = Environment.GetEnvironmentVariable(ChoiceVariable)?.Trim() ?? "";
            return choice.ToUpperInvariant() switch
            {
                "" or "AUTO" => null,
                "CONTAINER" => ServerKind.Container,
                "PROCESS" => ServerKind.Process,
                "EMBEDDED" => ServerKind.Embedded,
                _ => throw new InvalidOperationException($"{ChoiceVariable} is '{choice}'. Allowed: auto, container, process, embedded."),
            };
        }
    }

    /// <summary>The container image.</summary>
    public static string Image => Environment.GetEnvironmentVariable("PRIMA_TEST_IMAGE") is { Length: > 0 } image ? image : DefaultImage;

    private static bool Require => Environment.GetEnvironmentVariable("PRIMA_TEST_REQUIRE") == "1";

    /// <summary>The exception for a server, or a feature of one, that cannot be had here: a visible skip, or a failure where servers are required.</summary>
    /// <param name="needed">The kind of server it takes. Where the environment chose another kind it is always a skip: leaving it out was the choice.</param>
    /// <param name="reason">What is missing, and what to install or set.</param>
    public static Exception Missing(ServerKind needed, string reason)
    {
        bool leftOutByChoice = Choice is { } choice && choice != needed;
        return Require && !leftOutByChoice
            ? new InvalidOperationException($"PRIMA_TEST_REQUIRE=1, but: {reason}")
            : new InvalidOperationException(DynamicSkipToken.Value + reason);
    }
}
