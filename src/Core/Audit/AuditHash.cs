using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HaGrpc.Core.Audit;

/// <summary>
/// What chains the audit's entries: SHA-256 over every field of an entry, the previous entry's hash among them. Each field
/// goes in with its length in front (<c>LENGTH:BYTES,</c> in UTF-8), so that no text can pass for two fields. docs/adr/0030.
/// </summary>
public static class AuditHash
{
    // The form of what is hashed: another form gets another name, and old entries keep theirs.
    private const string Form = "hagrpc-audit-1";

    /// <summary>What stands before the first entry.</summary>
    public static string Origin { get; } = new('0', SHA256.HashSizeInBytes * 2);

    /// <summary>The hash that the entry must have, in lower-case hexadecimal; <see cref="AuditEntry.Hash"/> is not looked at.</summary>
    public static string Of(AuditEntry entry)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var field in Fields(entry))
        {
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(field)}:"), bytes);
            Encoding.UTF8.GetBytes(field, bytes);
            bytes.Write(","u8);
        }
        return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan));
    }

    private static IEnumerable<string> Fields(AuditEntry entry) =>
    [
        Form,
        Number(entry.Id),
        entry.At,
        entry.Kind,
        Number(entry.CallId),
        Number(entry.Term),
        entry.Actor,
        entry.ActorKind,
        entry.Address,
        entry.Call,
        Number(entry.Objects.Length),
        .. entry.Objects,
        entry.Request,
        entry.Changes,
        entry.Answer,
        entry.Result,
        entry.Detail,
        entry.Reason,
        entry.PreviousHash,
    ];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
