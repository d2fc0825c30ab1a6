using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// F1, F3: an owner whose heartbeats are not answered asks every other member of its view at once; promises of all of them for the
/// same ping are worth a lease that counts from before that ping was sent.
/// </summary>
internal sealed class PromiseRound(long seq, BootInstant sentAt, View view, string[] members)
{
    private readonly HashSet<string> _promised = new(StringComparer.Ordinal);

    public long Seq { get; } = seq;

    public BootInstant SentAt { get; } = sentAt;

    public View View { get; } = view;

    public IReadOnlyList<string> Members { get; } = members;

    public string MissingForPeople => string.Join(", ", Members.Where(m => !_promised.Contains(m)));

    public IEnumerable<string> Promised => _promised;

    /// <summary>True when this promise was the last one missing.</summary>
    public bool Add(string member) => Members.Contains(member) && _promised.Add(member) && _promised.Count == Members.Count;
}
