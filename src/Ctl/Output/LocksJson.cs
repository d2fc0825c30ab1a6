using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record LocksJson(IReadOnlyList<LockJson> Locks)
{
    internal static LocksJson Of(IEnumerable<OperatorLock> locks) => new([.. locks.Select(LockJson.Of)]);
}

internal sealed record LockJson(string Scope, string? Name, string By, string? Since, string? Until, string Reason)
{
    internal static LockJson Of(OperatorLock item) => new(
        item.Target.Scope switch { LockScope.Group => "group", LockScope.Host => "host", LockScope.Everything => "everything", _ => "unknown" },
        item.Target.Name.Length == 0 ? null : item.Target.Name,
        item.LockedBy,
        Times.Machine(item.LockedAt),
        Times.Machine(item.ExpiresAt),
        item.Reason);
}

internal sealed record UnlockedJson(LockJson? Lock, IReadOnlyList<EventJson> Held)
{
    internal static UnlockedJson Of(OperatorLock? ended, IEnumerable<Event> held) =>
        new(ended is null ? null : LockJson.Of(ended), [.. held.Select(EventJson.Of)]);
}
