using HaGrpc.Ctl.Language;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>Locks for people.</summary>
internal static class LockLines
{
    /// <summary>What is locked.</summary>
    internal static string Target(LockTarget target) => target.Scope switch
    {
        LockScope.Group => Speech.Of($"group {target.Name}"),
        LockScope.Host => Speech.Of($"host {target.Name}"),
        LockScope.Everything => Speech.Of("everything"),
        _ => Speech.Of($"{target.Name} (only a newer hactl knows what that is)"),
    };

    /// <summary>Until when, behind something else.</summary>
    internal static string Until(OperatorLock made, TimeProvider time) =>
        made.ExpiresAt is null ? Speech.Of(", until it is unlocked") : Speech.Of($" until {Times.Full(made.ExpiresAt, time)[..19]}");
}
