using System.Buffers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>What an operation asks of Redis: a command, or several that are applied together or not at all.</summary>
/// <remarks>
/// The client renders the arguments into a buffer of its own during the call that sends them, so one request per thread is enough,
/// and memory that a caller lent is never looked at after that call.
/// </remarks>
internal sealed class RespRequest
{
    [ThreadStatic]
    private static RespRequest? _current;

    private readonly List<(string Name, int FirstArgument)> _commands = [];
    private readonly ConcatenatedValue _framedValue = new();
    private RedisKeyOrValue[] _arguments = new RedisKeyOrValue[16];
    private int _argumentCount;
    private bool _scriptsByText;

    /// <summary>The calling thread's request, empty.</summary>
    /// <param name="scriptsByText">Whether scripts are sent as their text, to a server that does not know their hash.</param>
    public static RespRequest Begin(bool scriptsByText)
    {
        var request = _current ??= new RespRequest();
        request.Clear();
        request._scriptsByText = scriptsByText;
        return request;
    }

    public int CommandCount => _commands.Count;

    public string NameOf(int command) => _commands[command].Name;

    public ReadOnlyMemory<RedisKeyOrValue> ArgumentsOf(int command)
    {
        var first = _commands[command].FirstArgument;
        var end = command + 1 < _commands.Count ? _commands[command + 1].FirstArgument : _argumentCount;
        return _arguments.AsMemory(first, end - first);
    }

    public RespRequest Command(string name)
    {
        _commands.Add((name, _argumentCount));
        return this;
    }

    /// <summary>Calls <paramref name="script"/>: its KEYS, then its ARGV, are what is added next.</summary>
    public RespRequest Script(RespScript script, int keyCount) =>
        _scriptsByText ? ScriptByText(script, keyCount) : Command("EVALSHA").Value(script.Hash).Value(keyCount);

    /// <summary>The same, where a server that does not know the script must learn it at once: what else is in a transaction would be carried out without it.</summary>
    public RespRequest ScriptByText(RespScript script, int keyCount) =>
        Command("EVAL").Value(script.Text).Value(keyCount);

    public RespRequest Key(RedisKey key) => Add(key);

    public RespRequest Value(RedisValue value) => Add(value);

    /// <summary>Adds one value that consists of <paramref name="frame"/> and <paramref name="payload"/>. At most one per request.</summary>
    public RespRequest FramedValue(ReadOnlySpan<byte> frame, ReadOnlySequence<byte> payload) =>
        Add((RedisValue)_framedValue.Join(frame, payload));

    /// <summary>Forgets all arguments, so that an idle thread keeps no caller's memory alive.</summary>
    public void Clear()
    {
        _commands.Clear();
        _arguments.AsSpan(0, _argumentCount).Clear();
        _argumentCount = 0;
        _framedValue.Clear();
    }

    private RespRequest Add(RedisKeyOrValue argument)
    {
        if (_argumentCount == _arguments.Length)
        {
            Array.Resize(ref _arguments, _arguments.Length * 2);
        }

        _arguments[_argumentCount++] = argument;
        return this;
    }
}
