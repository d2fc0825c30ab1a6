using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>The leadership row as a challenger saw it.</summary>
/// <param name="Term">Raised with every change of leader; 0: nobody ever led.</param>
/// <param name="Holder">Who leads; empty when the leadership was released.</param>
/// <param name="Counter">Raised with every renewal.</param>
public sealed record LeadershipSeen(long Term, string Holder, long Counter);

/// <summary>
/// When a control plane that does not lead may take the leadership row (rule S3): at once when it is free or its holder
/// cannot act any more, else after the counter has stood still for 1.01 TTL on this machine's own clock. The take is a
/// compare-and-swap on what was seen, so a holder that renews meanwhile keeps it.
/// </summary>
/// <param name="terms">The times.</param>
public sealed class LeadershipChallenge(LeadershipTerms terms)
{
    private LeadershipSeen? _seen;
    private BootInstant _since;

    /// <summary>Judges the row after it was read.</summary>
    /// <param name="row">What the database said.</param>
    /// <param name="holderIsOver">True when the holder provably cannot act any more: its process is gone, or it is a
    /// former leadership of this very process.</param>
    /// <param name="readAt">When the answer of the query had come: the holder cannot have renewed to what was seen any
    /// later than this.</param>
    /// <returns>Whether to take the row now, else until when to be patient.</returns>
    public LeadershipVerdict Judge(LeadershipSeen row, bool holderIsOver, BootInstant readAt)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (_seen != row)
            (_seen, _since) = (row, readAt);
        if (row.Holder.Length == 0)
            return new(true, readAt, row.Term == 0 ? "nobody has led yet" : "the former leader released it");
        if (holderIsOver)
            return new(true, readAt, $"the process of the former leader ({row.Holder}) is gone");
        var until = _since + terms.Patience;
        return readAt >= until
            ? new(true, readAt, $"the former leader ({row.Holder}) has not renewed for {Text.Of(readAt - _since)}")
            : new(false, until, $"{row.Holder} leads");
    }
}

/// <summary>What a challenger does about the row.</summary>
/// <param name="Take">True: take it, by compare-and-swap on what was seen.</param>
/// <param name="At">When not: the earliest instant at which it may be taken if nothing changes.</param>
/// <param name="Reason">Why, for the operator.</param>
public sealed record LeadershipVerdict(bool Take, BootInstant At, string Reason);
