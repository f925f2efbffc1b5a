using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>A Lua script with the hash under which a server that has seen it knows it (https://redis.io/commands/evalsha).</summary>
internal sealed class RespScript(string text)
{
    public RedisValue Text { get; } = text;

    public RedisValue Hash { get; } = Convert.ToHexStringLower(Sha1(text));

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "EVALSHA is defined with SHA-1; it names the script and protects nothing.")]
    private static byte[] Sha1(string text) => SHA1.HashData(Encoding.UTF8.GetBytes(text));
}
