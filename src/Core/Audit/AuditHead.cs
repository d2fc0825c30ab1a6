using System.Globalization;

namespace HaGrpc.Core.Audit;

/// <summary>An entry's number and hash, as somebody notes them to compare later: <c>17:5f0c…</c>.</summary>
/// <param name="Id">The number; 0 for an audit without entries.</param>
/// <param name="Hash">The hash of that entry.</param>
public readonly record struct AuditHead(long Id, string Hash)
{
    /// <summary>Before the first entry.</summary>
    public static AuditHead None { get; } = new(0, AuditHash.Origin);

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, out AuditHead head)
    {
        head = None;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !long.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return false;
        var hash = text[(colon + 1)..];
        if (hash.Length != AuditHash.Origin.Length || !hash.All(char.IsAsciiHexDigitLower))
            return false;
        head = new(id, hash);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id}:{Hash}");
}
