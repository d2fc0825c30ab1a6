using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.ControlPlane.Ownership;

/// <summary>Locks a group that has moved by itself as often as its flap budget allows. What counts is the history, which outlives leaders.</summary>
internal sealed partial class FlapGuard(Store store, Registry registry, TermInForce term, EventSignal signal, TimeProvider time, ILogger log)
{
    // Asked moves, epochs of the same owner and locks stand between those that count.
    private const int Most = 1000;

    /// <summary>Begins to look at a group that has got an owner just now. Nothing waits for it: it reads much of the history.</summary>
    public void Look(string group) => _ = Task.Run(() => LookAsync(group));

    private async Task LookAsync(string name)
    {
        if (registry.Current.Groups.FirstOrDefault(g => g.Spec.Name == name)?.Spec is not { FlapBudget: { } budget } group)
            return;
        try
        {
            await LookAsync(group, budget);
        }
        catch (StorageException e)
        {
            LogNotCounted(log, name, e.Message);
        }
        catch (Exception e) when (term.HasEnded && e is OperationCanceledException or Grpc.Core.RpcException)
        {
            // The next leader counts again with the next move.
        }
    }

    private async Task LookAsync(Group group, FlapBudget budget)
    {
        var events = await store.Events.ReadNewestAsync(
            new() { Group = group.Name, Kinds = ["OwnerPromoted", "GroupUnlocked", "LockExpired"] }, Most, term.Ended);
        var owners = events.Where(e => e.Kind == "OwnerPromoted").Select(e => (e.At, e.Host, Asked: e.Actor.Length > 0)).ToArray();
        var unlocked = events.LastOrDefault(e => e.Kind != "OwnerPromoted")?.At ?? DateTimeOffset.MinValue;
        if (!FlapCount.IsSpent(budget, owners, unlocked, time.GetUtcNow()))
            return;
        var often = budget.Moves == 1 ? "once" : $"{budget.Moves} times";
        var reason = $"it moved {often} by itself within {DurationText.Format(budget.Window)}; unlock it when the cause is mended";
        var made = await registry.WriteAsync(
            () => store.Registry.LockAsync(new(LockScope.Group, group.Name), null, OperatorLock.FlapBudget, reason, term.Ended), term.Ended);
        signal.Pulse();
        if (made?.By == OperatorLock.FlapBudget)
            LogSpent(log, group.Name, reason);
    }

    [LoggerMessage(1036, LogLevel.Error, "group {Group} is locked by its flap budget: {Reason}")]
    private static partial void LogSpent(ILogger log, string group, string reason);

    [LoggerMessage(1037, LogLevel.Warning, "the moves of group {Group} cannot be counted for its flap budget: {Reason}")]
    private static partial void LogNotCounted(ILogger log, string group, string reason);
}
