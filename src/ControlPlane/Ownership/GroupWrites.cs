using Grpc.Core;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;

namespace HaGrpc.ControlPlane.Ownership;

/// <summary>
/// What the engine wants in the database: off the loop, so that a slow database delays no heartbeat, and in order for
/// each group. The engine has one promotion and one view of a group under way at most, so nothing piles up here.
/// </summary>
internal sealed partial class GroupWrites(
    Store store, TermInForce term, OwnershipNotes notes, EventSignal signal, ILogger log)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, Task> _last = new(StringComparer.Ordinal);

    /// <summary>On the loop's thread: begins a write when the earlier ones of its group have ended.</summary>
    /// <param name="group">The group.</param>
    /// <param name="write">The write; it ends by itself with the leadership.</param>
    public void Enqueue(string group, Func<Task> write)
    {
        var before = _last.GetValueOrDefault(group, Task.CompletedTask);
        _last[group] = Task.Run(async () =>
        {
            await before;
            try
            {
                await write();
            }
            catch (Exception e) when (term.Ended.IsCancellationRequested && e is OperationCanceledException or RpcException)
            {
                // The next leader reads what became of it.
            }
#pragma warning disable CA1031 // Whatever it is: the engine waits for an outcome that will not come.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogBroken(log, e, group);
                term.End($"a write to group {group} met a defect: {e.Message}");
            }
        });
    }

    /// <summary>C6: commits a change of owner and reads back, however long that takes.</summary>
    public async Task<StoredOwnership> PromoteAsync(CommitPromotion promotion)
    {
        var begun = BootClock.Nanoseconds;
        var write = await store.Ownership.PromoteAsync(
            new Promotion(
                promotion.Group,
                promotion.ExpectedEpoch,
                promotion.Epoch,
                notes.Attempt(promotion.Group),
                promotion.Owner,
                term.Number,
                promotion.Reason,
                promotion.Actor,
                View: null,
                new EventRecord
                {
                    Kind = "OwnerPromoted",
                    Message = $"{promotion.Owner} shall own {promotion.Group}: {promotion.Reason}{PassedOver(promotion)}",
                    Steps = promotion.Steps,
                }),
            term.Ended);
        signal.Pulse();
        var record = await ReadBackAsync(promotion.Group, write);
        notes.Note(record);
        var took = (BootClock.Nanoseconds - begun) / 1e6;
        if (record.Owner == promotion.Owner && record.Epoch == promotion.Epoch)
            LogPromoted(log, promotion.Owner, promotion.Group, record.Epoch, promotion.Reason, took);
        else
            LogNotPromoted(log, promotion.Owner, promotion.Group, record.Owner, record.Epoch, write.Detail);
        return record.ToCore();
    }

    private static string PassedOver(CommitPromotion promotion)
    {
        var others = promotion.PassedOver.Select(m => $"{m.Host}: " + m switch
        {
            { Obstacle.Length: > 0 } => m.Obstacle,
            { Priority.Length: > 0 } => $"ranks lower with priority {m.Priority}",
            _ => "ranks lower",
        });
        return string.Join("; ", others) is { Length: > 0 } all ? $" (not {all})" : "";
    }

    /// <summary>V1: repeats until the view is there.</summary>
    public Task StoreViewAsync(StoreView wanted) => RepeatAsync(
        wanted.Group, () => store.Ownership.WriteViewAsync(wanted.Group, wanted.View, term.Number, term.Ended));

    /// <summary>V1: repeats until the confirmation is there.</summary>
    public Task ConfirmViewAsync(ConfirmView wanted) => RepeatAsync(
        wanted.Group, () => store.Ownership.ConfirmViewAsync(wanted.Group, wanted.Version, term.Number, term.Ended));

    private async Task<OwnershipRecord> ReadBackAsync(string group, OwnershipWrite write)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                // A clean commit cannot be undone: a plain look will do. Anything else may still be on its way.
                var record = write.Outcome == OwnershipOutcome.Committed
                    ? await store.Ownership.ReadAsync(group, term.Ended)
                    : await store.Ownership.SettleAsync(group, term.Number, term.Ended);
                if (record is not null)
                    return record;
                term.End(write.Detail.Length > 0 ? write.Detail : $"the database does not know group {group} any more");
                throw new OperationCanceledException(term.Ended);
            }
            catch (StorageException e)
            {
                LogUnknown(log, group, e.Message);
                await PauseAsync(attempt);
            }
        }
    }

    private async Task RepeatAsync(string group, Func<Task<OwnershipWrite>> write)
    {
        for (var attempt = 0; ; attempt++)
        {
            var done = await write();
            if (done.Outcome == OwnershipOutcome.Committed)
                return;
            if (done.Outcome == OwnershipOutcome.Lost)
            {
                // Only another leader can have been here.
                term.End(done.Detail);
                throw new OperationCanceledException(term.Ended);
            }
            LogUnknown(log, group, done.Detail);
            await PauseAsync(attempt);
        }
    }

    private Task PauseAsync(int attempt) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Min(20 << Math.Min(attempt, 10), LongestPause.TotalMilliseconds)), term.Ended);

    [LoggerMessage(1110, LogLevel.Information, "{Owner} owns {Group} at epoch {Epoch}: {Reason} (committed in {Milliseconds:0.0} ms)")]
    private static partial void LogPromoted(ILogger log, string owner, string group, long epoch, string reason, double milliseconds);

    [LoggerMessage(1111, LogLevel.Warning,
        "{Owner} was not given {Group}; the database says {Stored} at epoch {Epoch}: {Detail}")]
    private static partial void LogNotPromoted(
        ILogger log, string owner, string group, string? stored, long epoch, string detail);

    [LoggerMessage(1112, LogLevel.Warning, "{Group}: what the database did is not known yet, asking again: {Detail}")]
    private static partial void LogUnknown(ILogger log, string group, string detail);

    [LoggerMessage(1113, LogLevel.Critical, "the leadership ends: a write to group {Group} met a defect")]
    private static partial void LogBroken(ILogger log, Exception e, string group);
}
