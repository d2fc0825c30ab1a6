using System.Collections.Immutable;

namespace HaGrpc.Lab.Faults;

/// <summary>One direction between two hosts, by their names.</summary>
internal readonly record struct Direction(string From, string To);

/// <summary>
/// What a fault takes away, as far as it decides who can still act and who reaches whom. Hosts are named as in the lab; "*" in a direction
/// stands for every other host.
/// </summary>
/// <param name="Halted">Hosts whose process (agent, control plane) does nothing.</param>
/// <param name="Cut">Directions in which nothing arrives.</param>
/// <param name="Poor">Directions in which some arrives, or late: what is lost there is open.</param>
internal sealed record Damage(ImmutableHashSet<string> Halted, ImmutableHashSet<Direction> Cut, ImmutableHashSet<Direction> Poor)
{
    /// <summary>Nothing is taken away.</summary>
    public static Damage None { get; } = new([], [], []);

    public static Damage Halt(string host) => None with { Halted = [host] };

    /// <summary>Nothing arrives in these directions.</summary>
    public static Damage Loses(params Direction[] directions) => None with { Cut = [.. directions] };

    /// <summary>The host's wire is bad in both directions.</summary>
    public static Damage Disturbs(string host) => None with { Poor = [new(host, "*"), new("*", host)] };

    /// <summary>Both at once.</summary>
    public Damage And(Damage other) => new(Halted.Union(other.Halted), Cut.Union(other.Cut), Poor.Union(other.Poor));
}
