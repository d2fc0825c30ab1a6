using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Fencing;
using HaGrpc.ControlPlane.Ownership;

namespace HaGrpc.ControlPlane.Leader;

/// <summary>
/// What belongs to one leadership: made with it and dropped with it, so that nothing that an earlier leader believed
/// survives into a later one (rule S3).
/// </summary>
/// <param name="Term">Until when it may act.</param>
/// <param name="Loop">Decides.</param>
/// <param name="Notes">What the database said last about each group.</param>
/// <param name="Agents">The attached agents; only to be touched on the loop's thread.</param>
/// <param name="Registry">What is registered.</param>
/// <param name="Programs">What the agents' programs do.</param>
/// <param name="Switchovers">Planned changes of owner that operators wait for.</param>
/// <param name="Since">When it began to serve, by the wall clock: for display only.</param>
internal sealed record Tenure(
    TermInForce Term,
    OwnershipLoop Loop,
    OwnershipNotes Notes,
    AttachedAgents Agents,
    Registry Registry,
    ObservedPrograms Programs,
    Switchovers Switchovers,
    DateTimeOffset Since)
{
    /// <summary>How ready the agents are for groups that they do not own.</summary>
    public ObservedReadiness Readiness { get; } = new();

    /// <summary>What the agents cannot do for groups that they own.</summary>
    public ObservedTroubles Troubles { get; } = new();

    /// <summary>What an owner cannot do for a group; nothing of one that is not attached. On the loop's thread.</summary>
    public IEnumerable<string> TroublesOf(string? owner, string group) =>
        owner is null || Agents.Of(owner) is null ? [] : Troubles.Of(owner, group).Select(text => $"{owner} cannot claim {text}");

    /// <summary>Has hosts switched off.</summary>
    public required FenceDesk Fences { get; init; }
}
