using Prima.Extensions.Caching.Redis.Perf.Sections;

namespace Prima.Extensions.Caching.Redis.Perf;

/// <summary>Every case of every section works, and what it reads is what was stored. This measures nothing.</summary>
public sealed class SmokeTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var section in SectionCatalogue.All)
            {
                foreach (var name in section.Cases)
                {
                    data.Add(section.Name, name);
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Case_Once_IsRight(string section, string name)
    {
        PerfEnvironment.SkipUnless(PerfMode.Smoke);
        await SectionCatalogue.All.Single(candidate => candidate.Name == section).TryOutAsync(name);
    }
}
