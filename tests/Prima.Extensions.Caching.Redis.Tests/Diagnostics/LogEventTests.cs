using System.Reflection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Diagnostics;

public class LogEventTests
{
    private static readonly Dictionary<string, int> FirstIdOfClass = new()
    {
        ["ConnectionLog"] = 1000,
        ["OperationLog"] = 2000,
        ["DistributedLog"] = 3000,
        ["HybridLog"] = 4000,
        ["CoherenceLog"] = 4100,
        ["WarmingLog"] = 5000,
    };

    private static readonly List<(MethodInfo Method, LoggerMessageAttribute Event)> Events =
    [
        .. from type in typeof(PrimaRedisCacheOptions).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
           where attribute is not null
           select (method, attribute),
    ];

    [Fact]
    public void Events_OfTheLibrary_AreFound() => Assert.NotEmpty(Events);

    [Fact]
    public void EventIds_OfAllClasses_AreUnique() => Assert.Distinct(Events.Select(entry => entry.Event.EventId));

    [Fact]
    public void EventNames_OfAllClasses_AreUnique() => Assert.Distinct(Events.Select(entry => entry.Event.EventName));

    [Fact]
    public void EventIds_OfAClass_AreInItsRange() =>
        Assert.All(Events, entry =>
        {
            var first = FirstIdOfClass[entry.Method.DeclaringType!.Name];
            Assert.InRange(entry.Event.EventId, first, first + 999);
        });

    [Fact]
    public void EventNames_OfMethods_AreTheirNames() =>
        Assert.All(Events, entry => Assert.Equal(entry.Method.Name, entry.Event.EventName));

    [Fact]
    public void Events_OfTheLibrary_StandInDiagnostics() =>
        Assert.All(Events, entry => Assert.Equal("Prima.Extensions.Caching.Redis.Diagnostics", entry.Method.DeclaringType!.Namespace));
}
