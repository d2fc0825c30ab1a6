using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// Until when a leader may act (rule S3): counted from before the query that took or renewed the row, so that it ends
/// before any challenger that saw the same counter may take it. Used from one thread at a time.
/// </summary>
public sealed class LeadershipHold
{
    private readonly LeadershipTerms _terms;

    /// <summary>A leadership that was just taken.</summary>
    /// <param name="terms">The times.</param>
    /// <param name="stampedAt">Read before the query that took the row.</param>
    public LeadershipHold(LeadershipTerms terms, BootInstant stampedAt)
    {
        ArgumentNullException.ThrowIfNull(terms);
        _terms = terms;
        (EndsAt, RenewAt) = (stampedAt + terms.Hold, stampedAt + terms.Interval);
    }

    /// <summary>From this instant on nothing is answered and nobody is renewed.</summary>
    public BootInstant EndsAt { get; private set; }

    /// <summary>When to renew next.</summary>
    public BootInstant RenewAt { get; private set; }

    /// <summary>The row was renewed. An answer that came after the end revives nothing.</summary>
    /// <param name="stampedAt">Read before the query.</param>
    /// <param name="now">Read after its answer.</param>
    /// <returns>False when the leadership is over.</returns>
    public bool Renewed(BootInstant stampedAt, BootInstant now)
    {
        if (now >= EndsAt)
            return false;
        EndsAt = BootInstant.Max(EndsAt, stampedAt + _terms.Hold);
        RenewAt = stampedAt + _terms.Interval;
        return now < EndsAt;
    }

    /// <summary>The renewal failed, or nobody knows: tried again soon, the end stays where it was.</summary>
    /// <param name="now">Read after the failure.</param>
    public void NotRenewed(BootInstant now) => RenewAt = now + (_terms.Interval / 4);
}
