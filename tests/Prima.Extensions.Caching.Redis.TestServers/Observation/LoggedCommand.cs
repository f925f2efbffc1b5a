using System.Globalization;
using System.Text;

namespace Prima.Extensions.Caching.Redis.TestServers.Observation;

/// <summary>One command as MONITOR shows it.</summary>
/// <param name="Time">When the server took it, in seconds since 1970.</param>
/// <param name="Database">The number of the database.</param>
/// <param name="Source">The client's address; <c>lua</c> for a command that a script called.</param>
/// <param name="Name">In upper case.</param>
/// <param name="Arguments">One character per byte (Latin-1), so binary arguments stay whole.</param>
public sealed record LoggedCommand(double Time, int Database, string Source, string Name, IReadOnlyList<string> Arguments)
{
    /// <summary>Whether a script called it.</summary>
    public bool IsFromScript => Source == "lua";

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', [Name, .. Arguments]);

    // 1339518083.107412 [0 127.0.0.1:60866] "set" "key" "a\x00b"
    internal static LoggedCommand Parse(string line)
    {
        int open = line.IndexOf('[', StringComparison.Ordinal);
        int close = line.IndexOf("] \"", open, StringComparison.Ordinal);
        string[] origin = line[(open + 1)..close].Split(' ', 2);
        List<string> words = Words(line, close + 2);
        return new LoggedCommand(
            double.Parse(line.AsSpan(0, open), CultureInfo.InvariantCulture),
            int.Parse(origin[0], CultureInfo.InvariantCulture),
            origin[1],
            words[0].ToUpperInvariant(),
            words[1..]);
    }

    private static List<string> Words(string line, int position)
    {
        var words = new List<string>();
        while (position < line.Length && line[position] == '"')
        {
            words.Add(Word(line, ref position));
            position++;
        }

        return words;
    }

    /// <summary>Reads a quoted word that begins at <paramref name="position"/>, and leaves the position behind its closing quote.</summary>
    private static string Word(string line, ref int position)
    {
        var word = new StringBuilder();
        for (position++; line[position] != '"'; position++)
        {
            word.Append(line[position] == '\\' ? Escaped(line, ref position) : line[position]);
        }

        position++;
        return word.ToString();
    }

    private static char Escaped(string line, ref int position)
    {
        char escape = line[++position];
        if (escape == 'x')
        {
            position += 2;
            return (char)byte.Parse(line.AsSpan(position - 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        return escape switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'a' => '\a', 'b' => '\b', _ => escape };
    }
}
