using HaGrpc.Core.Hooks;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Hooks;

/// <summary>Hooks and occasions for the tests.</summary>
internal static class SomeHooks
{
    internal static Hook Hook(
        string name, HookEvent of, HookPhase phase = HookPhase.After, HookStyle style = HookStyle.Plain, params HookEvent[] more) =>
        new(name, [of, .. more], phase, ["/sbin/" + name, "x"], TimeSpan.FromSeconds(1), "", style);

    internal static HookFacts Facts(string reason = "because") => new("a", "web", 7, 120, reason);

    internal static HookBatch Batch(HookOccasion occasion, params Hook[] hooks) => new(occasion, Facts(), HookPlan.Of([.. hooks], occasion));
}
