using System.Buffers.Binary;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker.History;

/// <summary>
/// The history of one process, which may be killed while it writes:
/// <code>
/// 28 bytes for each operation, little endian:  1 kind, 1 node, 2 key, 8 version, 8 start, 8 end
/// </code>
/// </summary>
public sealed class HistoryFile : IDisposable
{
    private const int Length = 28;

    private readonly Lock _gate = new();
    private readonly FileStream _file;

    /// <summary>Begins a history.</summary>
    public HistoryFile(string path) => _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read);

    /// <summary>The operations in a file. What was not written whole is left out.</summary>
    public static IReadOnlyList<Operation> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var operations = new Operation[bytes.Length / Length];
        for (var i = 0; i < operations.Length; i++)
        {
            var from = bytes.AsSpan(i * Length, Length);
            operations[i] = new(
                (OperationKind)from[0],
                from[1],
                BinaryPrimitives.ReadUInt16LittleEndian(from[2..]),
                BinaryPrimitives.ReadInt64LittleEndian(from[4..]),
                BinaryPrimitives.ReadInt64LittleEndian(from[12..]),
                BinaryPrimitives.ReadInt64LittleEndian(from[20..]));
        }

        return operations;
    }

    /// <summary>Adds an operation.</summary>
    public void Write(Operation operation)
    {
        Span<byte> to = stackalloc byte[Length];
        to[0] = (byte)operation.Kind;
        to[1] = operation.Node;
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], operation.Key);
        BinaryPrimitives.WriteInt64LittleEndian(to[4..], operation.Version);
        BinaryPrimitives.WriteInt64LittleEndian(to[12..], operation.Start);
        BinaryPrimitives.WriteInt64LittleEndian(to[20..], operation.End);
        lock (_gate)
        {
            _file.Write(to);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
