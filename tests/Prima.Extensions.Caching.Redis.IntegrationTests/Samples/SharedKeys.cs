using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>The keys of session cookies: in memory, so that nothing is written to the user's profile, and the same for all instances.</summary>
internal sealed class SharedKeys : IXmlRepository
{
    private readonly Lock _gate = new();
    private readonly List<XElement> _elements = [];

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_gate)
        {
            return [.. _elements.Select(element => new XElement(element))];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_gate)
        {
            _elements.Add(new XElement(element));
        }
    }
}
