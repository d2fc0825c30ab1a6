using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Hooks;

/// <summary>Which hooks of a group run on an occasion, in the order in which they are configured (docs/adr/0019).</summary>
public static class HookPlan
{
    /// <summary>The calls of an occasion; empty when no hook is meant.</summary>
    /// <param name="hooks">The group's hooks.</param>
    /// <param name="occasion">What has happened.</param>
    public static ImmutableArray<HookCall> Of(ImmutableArray<Hook> hooks, HookOccasion occasion)
    {
        var calls = ImmutableArray.CreateBuilder<HookCall>();
        foreach (var hook in hooks)
        {
            if (hook.Phase == PhaseOf(occasion) && EventOf(hook, occasion) is { } of)
                calls.Add(new HookCall(hook, of, RoleAt(occasion), NeedsLease(occasion)));
        }
        return calls.ToImmutable();
    }

    /// <summary>True when a hook that is under way, or waits, makes room for those of a later occasion. What acts as owner does so for
    /// everything that ends the ownership. A promotion waits for nobody.</summary>
    /// <param name="under">What is under way.</param>
    /// <param name="later">The later occasion.</param>
    public static bool MakesRoom(HookCall under, HookOccasion later) => later switch
    {
        HookOccasion.Taking => true,
        HookOccasion.Taken or HookOccasion.Unfit => false,
        _ => under.NeedsLease,
    };

    private static HookPhase PhaseOf(HookOccasion occasion) =>
        occasion is HookOccasion.Taking or HookOccasion.Giving ? HookPhase.Before : HookPhase.After;

    private static bool NeedsLease(HookOccasion occasion) =>
        occasion is HookOccasion.Taking or HookOccasion.Taken or HookOccasion.Giving;

    private static string RoleAt(HookOccasion occasion) => occasion switch
    {
        HookOccasion.Taking or HookOccasion.Taken or HookOccasion.Giving => "owner",
        HookOccasion.Failed or HookOccasion.Unfit => "fault",
        _ => "standby",
    };

    private static HookEvent? EventOf(Hook hook, HookOccasion occasion)
    {
        return occasion switch
        {
            HookOccasion.Taking or HookOccasion.Taken => If(HookEvent.Promote),
            HookOccasion.Giving or HookOccasion.Given => If(HookEvent.Demote),
            HookOccasion.Failed or HookOccasion.Unfit => If(HookEvent.Fault),
            // To keepalived a stop is a state of its own, and a first standby is told. To others a stop is a way of being demoted.
            HookOccasion.Stopped => If(HookEvent.Stop) ?? (hook.Style == HookStyle.Plain ? If(HookEvent.Demote) : null),
            _ => hook.Style == HookStyle.Plain ? null : If(HookEvent.Demote),
        };

        HookEvent? If(HookEvent of) => hook.Events.Contains(of) ? of : null;
    }
}
