using System.Globalization;

namespace HaGrpc.Core.Audit;

/// <summary>
/// Looks through the audit from its first entry and finds the first that is not as it was written. It computes every hash
/// itself: whoever reads the entries need not believe the one who stores them.
/// </summary>
/// <param name="noted">Heads that were noted earlier, elsewhere.</param>
public sealed class AuditVerifier(params AuditHead[] noted)
{
    /// <summary>The last entry that was right.</summary>
    public AuditHead Head { get; private set; } = AuditHead.None;

    /// <summary>What is wrong with the first entry that is not right; null when nothing is, so far.</summary>
    public string? Problem { get; private set; }

    /// <summary>Looks at the next entry.</summary>
    /// <returns>False when it, or one before it, is not right: what follows then says nothing.</returns>
    public bool Take(AuditEntry entry)
    {
        Problem ??= ProblemOf(entry);
        if (Problem is not null)
            return false;
        Head = new(entry.Id, entry.Hash);
        return true;
    }

    /// <summary>There are no more entries.</summary>
    /// <param name="said">The newest entry, as the one who stores them said before it was asked for them.</param>
    /// <returns>False when something is not right.</returns>
    public bool End(AuditHead said)
    {
        if (Problem is null && said.Id > Head.Id)
            Problem = Text($"{Entries(Head.Id + 1, said.Id)} missing at the end: {said.Id} have been written");
        if (Problem is null && noted.Where(n => n.Id > Head.Id).Select(n => (AuditHead?)n).FirstOrDefault() is { } gone)
            Problem = Text($"{Entries(Head.Id + 1, gone.Id)} missing at the end: entry {gone.Id} was noted earlier");
        return Problem is null;
    }

    private string? ProblemOf(AuditEntry entry)
    {
        if (entry.Id <= Head.Id)
            return Text($"entry {entry.Id} comes again behind entry {Head.Id}");
        if (entry.Id != Head.Id + 1)
            return Text($"{Entries(Head.Id + 1, entry.Id - 1)} missing: {(Head.Id == 0 ? "the first is" : Text($"entry {Head.Id} is followed by"))} entry {entry.Id}");
        if (AuditHash.Of(entry) is var right && entry.Hash != right)
            return Text($"entry {entry.Id} was changed: its hash is {entry.Hash}, and what it says comes to {right}");
        if (entry.PreviousHash != Head.Hash)
        {
            return Text(
                $"entry {entry.Id} was written behind another entry {Head.Id}: it names the hash {entry.PreviousHash}, and entry {Head.Id} has {Head.Hash}");
        }
        foreach (var (_, hash) in noted.Where(n => n.Id == entry.Id && n.Hash != entry.Hash))
            return Text($"entry {entry.Id}, or one before it, was rewritten: its hash is {entry.Hash}, and {hash} was noted earlier");
        return null;
    }

    private static string Entries(long from, long to) => from == to ? Text($"entry {from} is") : Text($"entries {from} to {to} are");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
