using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace HaGrpc.Core.Guard;

/// <summary>What is to be known of an act.</summary>
/// <param name="Act">The act.</param>
/// <param name="Calls">The calls that may come to it, as <c>SERVICE/CALL</c>.</param>
/// <param name="Standard">What is demanded where the policy says nothing.</param>
/// <param name="What">What it is, for people.</param>
public sealed record GuardedActTraits(GuardedAct Act, ImmutableArray<string> Calls, GuardDemand Standard, string What)
{
    /// <summary>The act that this one is a graver form of; what is demanded of that is demanded of this, too. Null for none.</summary>
    public GuardedAct? PartOf { get; init; }

    /// <summary>False where forbidding would leave nobody who could end it.</summary>
    public bool MayBeForbidden { get; init; } = true;

    /// <summary>True for what is done by several calls, each of which does a part: what was confirmed or approved once counts for all of them, for
    /// as long as an approval may be used, and whether programs are up is no part of it, for that changes with each.</summary>
    public bool IsInSteps { get; init; }

    /// <summary>As operators write it, for example <c>stop-group</c>.</summary>
    public string Name { get; } = GuardedActs.NameOf(Act);
}

/// <summary>
/// Every act that the guard knows, in one table. What cannot be undone by the opposite call, or hits more than one would think, is to be
/// confirmed by its standard. There is no act that stops everything on several hosts beside <c>stop all</c>, which only stops programs: no call
/// switches hosts or agents off but a fence, of one host.
/// </summary>
public static partial class GuardedActs
{
    private const GuardDemand Allow = GuardDemand.Allow, Confirm = GuardDemand.Confirm;

    /// <summary>All of them, in the order of <see cref="GuardedAct"/>.</summary>
    public static ImmutableArray<GuardedActTraits> All { get; } =
    [
        new(GuardedAct.Start, ["AdminService/StartPrograms"], Allow, "start programs"),
        new(GuardedAct.Stop, ["AdminService/StopPrograms"], Allow, "stop programs"),
        new(GuardedAct.StopGroup, ["AdminService/StopPrograms"], Confirm, "stop a whole group or more") { PartOf = GuardedAct.Stop },
        new(GuardedAct.Restart, ["AdminService/RestartPrograms"], Allow, "restart programs"),
        new(GuardedAct.RestartAll, ["AdminService/RestartPrograms"], Confirm, "restart all programs there are") { PartOf = GuardedAct.Restart },
        new(GuardedAct.Switchover, ["AdminService/Switchover"], Allow, "move a group to another host"),
        new(GuardedAct.SwitchoverUnready, ["AdminService/Switchover"], Confirm, "move a group to a host that is not ready for it") { PartOf = GuardedAct.Switchover },
        new(GuardedAct.Drain, ["AdminService/DrainHost"], Allow, "move all groups away from a host"),
        new(GuardedAct.Fence, ["AdminService/Fence"], Confirm, "switch a host off, or say that it is off"),
        new(GuardedAct.Revoke, ["IdentityService/RevokeHost"], Confirm, "let nobody speak for a host any more"),
        new(GuardedAct.Adopt, ["AdoptionService/Adopt"], Allow, "take over what somebody else runs"),
        new(GuardedAct.AdoptForced, ["AdoptionService/Adopt"], Confirm, "take over what a living supervisor would start again") { PartOf = GuardedAct.Adopt },
        new(GuardedAct.Lock, ["AdminService/Lock"], Allow, "keep something from moving by itself"),
        new(GuardedAct.Unlock, ["AdminService/Unlock"], Allow, "let a group or a host's groups move by themselves again"),
        new(GuardedAct.UnlockAll, ["AdminService/Unlock"], Confirm, "let everything move by itself again") { PartOf = GuardedAct.Unlock },
        new(GuardedAct.Apply, ["AdminService/Apply"], Allow, "register or change hosts, groups and programs"),
        new(GuardedAct.Update, ["ReleaseService/UpdateProcesses"], Allow, "bring out a new release of a program") { PartOf = GuardedAct.Apply, IsInSteps = true },
        new(GuardedAct.Prune, ["AdminService/Apply"], Confirm, "remove what a manifest does not name") { PartOf = GuardedAct.Apply },
        new(GuardedAct.Delete, ["RegistryService/Delete"], Confirm, "remove hosts, groups or programs"),
        new(GuardedAct.Rollback, ["RegistryService/Rollback"], Allow, "register again what was registered"),
        new(GuardedAct.RollbackRemoving, ["RegistryService/Rollback"], Confirm, "roll back, which removes groups, hosts or programs") { PartOf = GuardedAct.Rollback },
        new(
            GuardedAct.Operators,
            ["AccessService/AddOperator", "AccessService/SetOperatorDisabled", "AccessService/RemoveOperator"],
            Allow,
            "let operators in or send them away") { MayBeForbidden = false },
        new(GuardedAct.Policy, ["GuardService/SetPolicy"], Allow, "change this policy") { MayBeForbidden = false },
    ];

    private static readonly FrozenSet<string> Calls = All.SelectMany(a => a.Calls).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>True when a call may be an act that the guard knows.</summary>
    /// <param name="name"><c>SERVICE/CALL</c>.</param>
    public static bool Knows(string name) => Calls.Contains(name);

    /// <summary>What is to be known of an act.</summary>
    public static GuardedActTraits Of(GuardedAct act) => All[(int)act];

    /// <summary>The act that operators write so; null for none.</summary>
    public static GuardedAct? Find(string name) => All.FirstOrDefault(a => a.Name == name)?.Act;

    /// <summary>The act of that name in the source, as it is stored; null for one that this version does not know.</summary>
    public static GuardedAct? FindStored(string name) => All.FirstOrDefault(a => a.Act.ToString() == name)?.Act;

    /// <summary>An act as operators write it.</summary>
    public static string NameOf(GuardedAct act) => Hump().Replace(act.ToString(), "-$0").ToLowerInvariant();

    /// <summary>A demand as operators write it.</summary>
    public static string NameOf(GuardDemand demand) => Hump().Replace(demand.ToString(), "-$0").ToLowerInvariant();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Hump();
}
