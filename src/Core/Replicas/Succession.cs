using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Replicas;

/// <summary>
/// How far a challenger may believe the leadership row (rules S3, S4). A promoted standby or a restored backup may lack the
/// newest renewals, and even a whole term: its row may call released, or held by a dead process, what somebody else holds
/// who was written only to the former database. That one ends by itself within a row's life; until then nobody takes the
/// row, unless he knows that it was himself.
/// </summary>
public static class Succession
{
    /// <summary>The row as <see cref="LeadershipChallenge"/> shall judge it.</summary>
    /// <param name="row">What the database said.</param>
    /// <param name="isOtherDatabase">True when the row was taken in another database, or on another timeline, than the one that
    /// has answered.</param>
    /// <param name="ledUntilNow">True when the row's term was this process's own, and would not be over yet by the clock: then
    /// nobody can have taken a later one, in whatever database.</param>
    /// <param name="holderIsOver">True when the holder provably cannot act any more.</param>
    /// <returns>The row, and whether its holder counts as over.</returns>
    public static (LeadershipSeen Row, bool HolderIsOver) Judge(
        LeadershipSeen row, bool isOtherDatabase, bool ledUntilNow, bool holderIsOver)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (!isOtherDatabase || ledUntilNow)
            return (row, holderIsOver);
        return (row.Holder.Length > 0 ? row : row with { Holder = "whoever led in the former database" }, false);
    }
}
