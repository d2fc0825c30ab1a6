using System.Collections.Immutable;

namespace HaGrpc.Lab.Faults;

/// <summary>How sure something is under some damage.</summary>
internal enum Certainty
{
    No,
    Perhaps,
    Yes,
}

/// <summary>Who can still act and who reaches whom under some damage, and what the ownership protocol makes of it.</summary>
/// <param name="damage">Of all faults that are active.</param>
/// <param name="plane">The control plane's host.</param>
/// <param name="client">The client's host.</param>
internal sealed class Reach(Damage damage, string plane, string client)
{
    /// <summary>Whether an owner keeps its lease, for as long as the damage stays as it is: the control plane renews it, or the other host
    /// vouches for it (rules F1 to F4) and nobody brings that one to take its word back.</summary>
    public Certainty Keeps(string owner, string other)
    {
        var renewed = Among(owner, plane);
        if (renewed == Certainty.Yes)
            return Certainty.Yes;
        var vouched = Among(owner, other);
        // A control plane that hears of the promise now and then only may ask for a seal in between.
        if (vouched == Certainty.Yes && Among(other, plane) == Certainty.Perhaps)
            vouched = Certainty.Perhaps;
        return renewed > vouched ? renewed : vouched;
    }

    /// <summary>Whether the control plane can make the host the owner (rule C5).</summary>
    public Certainty CanBePromoted(string host) => Among(host, plane);

    /// <summary>Whether the client reaches a host: whether it is answered when that host owns the group.</summary>
    public Certainty Reaches(string host) => Both(host, client);

    /// <summary>Whether the control plane and some host that it and the client reach are whole: then the group has to be served.</summary>
    public Certainty HealthyCore(params string[] hosts) =>
        hosts.Max(host => (Certainty)Math.Min((int)CanBePromoted(host), (int)Reaches(host)));

    /// <summary>Whether both act and hear each other.</summary>
    private Certainty Among(string one, string other) => Acts(one) && Acts(other) ? Both(one, other) : Certainty.No;

    private Certainty Both(string one, string other)
    {
        if (Is(damage.Cut, one, other) || Is(damage.Cut, other, one))
            return Certainty.No;
        return Is(damage.Poor, one, other) || Is(damage.Poor, other, one) ? Certainty.Perhaps : Certainty.Yes;
    }

    private bool Acts(string host) => !damage.Halted.Contains(host);

    private static bool Is(ImmutableHashSet<Direction> directions, string from, string to) =>
        directions.Contains(new(from, to)) || directions.Contains(new(from, "*")) || directions.Contains(new("*", to));
}
