using System.Collections.Immutable;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>A line of keepalived.conf, and the block that it opens.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Line">From 1.</param>
/// <param name="Words">Its words, quotes taken off; at least one.</param>
/// <param name="Block">What stands in its braces; null when it has none.</param>
internal sealed record KeepalivedStatement(string File, int Line, ImmutableArray<string> Words, List<KeepalivedStatement>? Block)
{
    /// <summary>What people wrote above it.</summary>
    internal ImmutableArray<string> Comments { get; init; } = [];

    internal string Keyword => Words[0];

    /// <summary>The word behind the keyword; empty when there is none.</summary>
    internal string Value => Words.Length > 1 ? Words[1] : "";

    /// <summary>Everything behind the keyword.</summary>
    internal string Rest => string.Join(' ', Words.Skip(1));

    /// <summary>The last statement of each keyword in its block: what keepalived goes by.</summary>
    internal Dictionary<string, KeepalivedStatement> Last() => (Block ?? [])
        .GroupBy(option => option.Keyword, StringComparer.Ordinal)
        .ToDictionary(same => same.Key, same => same.Last(), StringComparer.Ordinal);

    /// <summary>The whole line.</summary>
    internal string Text => string.Join(' ', Words);

    /// <summary>Where a statement within another one stands.</summary>
    /// <param name="within">What it belongs to: <c>vrrp_instance VI_1</c>; empty at the top.</param>
    internal Origin At(string within = "") => new(File, Line, within.Length == 0 ? Keyword : $"{within} {Keyword}");
}
