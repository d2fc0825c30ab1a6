namespace HaGrpc.Lab.Faults;

/// <summary>What faults may and must lead to: derived from who reaches whom while they are active, not from their names.</summary>
/// <param name="NothingMoves">The owner keeps its lease whatever is struck, so that owner, epoch and programs stay.</param>
/// <param name="LeastChanges">Changes of owner that have to happen before all is healed.</param>
/// <param name="MostChanges">Changes of owner that may happen, the healing included.</param>
/// <param name="Answered">Whether the client has to be answered while all faults last, within the protocol's bound (yes), or because all
/// that it needs is there but some of it on a poor wire (perhaps); when not, only after the healing.</param>
/// <param name="HealingMovesNothing">Once the client is answered under all faults, the healing changes no owner.</param>
internal sealed record Course(bool NothingMoves, int LeastChanges, int MostChanges, Certainty Answered, bool HealingMovesNothing)
{
    private const string Plane = "plane", Client = "client";

    /// <summary>Who owned the group last, whether it acts for it, and how often the owner has changed.</summary>
    private readonly record struct Standing(string Owner, bool Serves, int Changes);

    /// <summary>Follows all that can become of an owned group.</summary>
    /// <param name="owner">The host that owns it at first.</param>
    /// <param name="other">The other member.</param>
    /// <param name="struck">Each fault's damage, in the order in which they are struck.</param>
    /// <param name="healing">What is left when some but not all are healed or over: one of these, and then nothing.</param>
    public static Course Of(string owner, string other, IReadOnlyList<Damage> struck, IReadOnlyList<Damage> healing)
    {
        HashSet<Standing> now = [new(owner, true, 0)];
        var damage = Damage.None;
        foreach (var more in struck)
        {
            damage = damage.And(more);
            now = [.. now.SelectMany(s => Next(s, new(damage, Plane, Client)))];
        }
        var all = new Reach(damage, Plane, Client);
        // Given time, whoever can certainly be promoted is: nothing else is left then.
        var least = now.Where(s => s.Serves || !new[] { owner, other }.Any(h => all.CanBePromoted(h) == Certainty.Yes)).Min(s => s.Changes);
        var settled = now.Where(s => s.Serves && all.Keeps(s.Owner, Other(s.Owner)) != Certainty.No).ToList();
        var stays = settled.Count > 0 && settled.All(s => all.Keeps(s.Owner, Other(s.Owner)) == Certainty.Yes);
        var nothing = now.SetEquals([new(owner, true, 0)]);
        // An owner that keeps its lease on a poor wire may go on answering poorly, however well the other would.
        var reached = settled.Select(s => all.Reaches(s.Owner)).DefaultIfEmpty(Certainty.No).Min();
        var answered = nothing ? reached : (Certainty)Math.Min((int)all.HealthyCore(owner, other), (int)reached);
        if (healing.Count > 0)
            now = [.. healing.SelectMany(left => now.SelectMany(s => Next(s, new(left, Plane, Client))))];
        now = [.. now.SelectMany(s => Next(s, new(Damage.None, Plane, Client)))];
        return new(nothing, least, now.Max(s => s.Changes), answered, stays && healing.All(Keeps));

        string Other(string host) => host == owner ? other : owner;

        bool Keeps(Damage left) => settled.All(s => new Reach(left, Plane, Client).Keeps(s.Owner, Other(s.Owner)) == Certainty.Yes);

        // What may come of it under a damage that lasts for an unknown time.
        IEnumerable<Standing> Next(Standing standing, Reach reach)
        {
            var keeps = standing.Serves ? reach.Keeps(standing.Owner, Other(standing.Owner)) : Certainty.No;
            if (keeps == Certainty.Yes)
                return [standing];
            List<Standing> next = [standing with { Serves = false }];
            if (keeps == Certainty.Perhaps)
                next.Add(standing);
            if (reach.CanBePromoted(Other(standing.Owner)) != Certainty.No)
                next.Add(new(Other(standing.Owner), true, standing.Changes + 1));
            if (reach.CanBePromoted(standing.Owner) != Certainty.No)
                next.Add(standing with { Serves = true });
            return next;
        }
    }
}
