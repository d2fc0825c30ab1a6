using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>Locks for people.</summary>
internal static class LockLines
{
    /// <summary>What is locked.</summary>
    internal static string Target(LockTarget target) => target.Scope switch
    {
        LockScope.Group => $"group {target.Name}",
        LockScope.Host => $"host {target.Name}",
        _ => "everything",
    };

    /// <summary>Until when, behind something else.</summary>
    internal static string Until(OperatorLock made, TimeProvider time) =>
        made.ExpiresAt is null ? ", until it is unlocked" : $" until {Times.Full(made.ExpiresAt, time)[..19]}";
}
