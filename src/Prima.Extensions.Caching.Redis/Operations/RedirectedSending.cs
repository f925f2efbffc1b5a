using System.Buffers;
using System.Text;
using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Sends a command so that the client can follow a redirection to another node of the cluster.</summary>
/// <remarks>
/// StackExchange.Redis 3.4 gives the buffer of a rendered command back before it follows MOVED or ASK, and then breaks the connection over it. So rendered
/// commands are sent with NoRedirect. After MOVED the client knows where the slot is, and the command is rendered anew. ASK needs ASKING in front
/// of the command on the same connection, which the client does only by itself: for commands that are not rendered. Their arguments are copied here, because
/// the client keeps them until they are written.
/// </remarks>
internal static class RedirectedSending
{
    /// <summary>Whether the client was told to ask another node, and did not because of NoRedirect. It has no type of its own for that.</summary>
    public static bool IsAsk(this Exception fault) =>
        fault is RedisConnectionException { FailureType: ConnectionFailureType.UnableToConnect } && fault.Message.Contains("is not reachable at this point of time", StringComparison.Ordinal);

    /// <summary>Sends the request, which is a single command: the commands of a transaction cannot be redirected one by one.</summary>
    /// <returns>The reply in RESP, as <see cref="RespResult"/> holds it.</returns>
    public static byte[] SendRedirected(this IDatabase database, RespRequest request)
    {
        var (name, arguments) = Copy(request);
        return Encode(database.Execute(name, arguments));
    }

    /// <inheritdoc cref="SendRedirected"/>
    public static Task<byte[]> SendRedirectedAsync(this IDatabase database, RespRequest request)
    {
        var (name, arguments) = Copy(request);
        var reply = EncodeAsync(database.ExecuteAsync(name, arguments));

        // Who asked may have been cancelled, and not be there to see how it ends.
        reply.Ignore();
        return reply;
    }

    private static async Task<byte[]> EncodeAsync(Task<RedisResult> result) => Encode(await result.ConfigureAwait(false));

    private static (string Name, ICollection<object> Arguments) Copy(RespRequest request)
    {
        var arguments = new List<object>();
        foreach (var argument in request.ArgumentsOf(0).Span)
        {
            if (argument.IsKey)
            {
                arguments.Add(argument.Key);
                continue;
            }

            var bytes = new byte[argument.Value.GetByteCount()];
            argument.Value.CopyTo(bytes);
            arguments.Add((RedisValue)bytes);
        }

        var name = request.NameOf(0);
        request.Clear();
        return (name, arguments);
    }

    private static byte[] Encode(RedisResult result)
    {
        var destination = new ArrayBufferWriter<byte>();
        Encode(result, destination);
        return destination.WrittenSpan.ToArray();
    }

    private static void Encode(RedisResult result, ArrayBufferWriter<byte> destination)
    {
        if (result.IsNull)
        {
            destination.Write("$-1\r\n"u8);
        }
        else if (result.Length >= 0)
        {
            destination.Write(Encoding.ASCII.GetBytes($"*{result.Length}\r\n"));
            for (var i = 0; i < result.Length; i++)
            {
                Encode(result[i], destination);
            }
        }
        else
        {
            var bytes = (byte[])result!;
            destination.Write(Encoding.ASCII.GetBytes($"${bytes.Length}\r\n"));
            destination.Write(bytes);
            destination.Write("\r\n"u8);
        }
    }
}
