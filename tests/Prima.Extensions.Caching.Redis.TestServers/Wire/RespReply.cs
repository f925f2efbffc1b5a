namespace Prima.Extensions.Caching.Redis.TestServers.Wire;

/// <summary>One RESP2 reply: a text (null = nil; an integer's digits too), or items.</summary>
public sealed record RespReply(string? Text, IReadOnlyList<RespReply> Items)
{
    /// <summary>The reply as an integer.</summary>
    public long Number => long.Parse(Text!, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The value after a name in a flat list of names and values, as Sentinel answers.</summary>
    public string? this[string name]
    {
        get
        {
            for (int i = 0; i + 1 < Items.Count; i += 2)
            {
                if (Items[i].Text == name)
                {
                    return Items[i + 1].Text;
                }
            }

            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Text ?? (Items.Count == 0 ? "(nil)" : $"[{string.Join(", ", Items)}]");
}
