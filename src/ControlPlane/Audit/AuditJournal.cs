using Google.Protobuf;
using Grpc.Core;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Audit;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>
/// Writes who asks for what: an entry before the call is carried out, without which it is not, and one when it has ended. An end that
/// the database does not take now is kept and stored as soon as it can be; the first entry stands in any case (docs/adr/0030).
/// </summary>
internal sealed partial class AuditJournal(Store store, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<AuditJournal> log)
{
    private const int Capacity = 4096;
    private const int LongestDetail = 2000;
    private const string Reason = "reason";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly StrangerBudget _strangers = new(time);

    private readonly Lock _lock = new();
    private readonly Queue<AuditEntry> _late = new();
    private bool _isStoringLate;

    /// <summary>Writes down that a call is asked for, before anything of it is done.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: it could not be written down, and must not be carried out.</exception>
    public async Task<AuditEntry> AskAsync(OperatorCall call, IMessage request, Caller caller, Tenure tenure, CancellationToken ct)
    {
        try
        {
            var draft = DraftOf(call, request, caller) with { Kind = AuditEntry.Asked };
            return await store.Audit.AppendAsync(draft, tenure.Term.Number, ct) ?? throw tenure.Term.EndedError();
        }
        catch (StorageException e)
        {
            throw new RpcException(new Status(
                StatusCode.Unavailable, $"nothing was done, because it cannot be written down who asked for it (the audit): {e.Message}"));
        }
    }

    /// <summary>Writes down that a call was not begun, because its caller may not make it; never fails.</summary>
    /// <param name="call">The call.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="caller">Who asked.</param>
    /// <param name="tenure">The leadership under which it was refused.</param>
    /// <param name="result">The name of a gRPC status.</param>
    /// <param name="detail">What is missing.</param>
    public Task RefuseAsync(OperatorCall call, IMessage request, Caller caller, Tenure tenure, string result, string detail)
    {
        long leftOut = 0;
        if (caller.Account is null && !_strangers.Take(out leftOut))
        {
            if (leftOut == 1)
                LogLeavingOut(log, StrangerBudget.Most);
            return Task.CompletedTask;
        }
        var more = leftOut == 0 ? "" : $" (before this one {leftOut} more calls of strangers were refused, and not written down)";
        return StoreAsync(DraftOf(call, request, caller) with
        {
            At = AuditTable.Text(time.GetUtcNow()),
            Kind = AuditEntry.Refused,
            Term = tenure.Term.Number,
            Result = result,
            Detail = ForeignText.Visible(detail + more, LongestDetail),
        });
    }

    /// <summary>Writes down what became of a call; never fails. Returns when that is stored, or will be as soon as the database takes it.</summary>
    /// <param name="asked">The entry with which it was asked for.</param>
    /// <param name="result">The name of a gRPC status.</param>
    /// <param name="detail">Why it failed; empty when it did not.</param>
    /// <param name="answer">What was answered; null for nothing.</param>
    /// <param name="changes">What was stored, as JSON.</param>
    public Task EndAsync(AuditEntry asked, string result, string detail, IMessage? answer, string changes) => StoreAsync(asked with
    {
        Id = 0,
        At = AuditTable.Text(time.GetUtcNow()),
        Kind = AuditEntry.Ended,
        CallId = asked.Id,
        Request = "",
        Answer = answer is null ? "" : CanonicalJson.Of(answer),
        Changes = changes,
        Result = result,
        Detail = ForeignText.Visible(detail, LongestDetail),
    });

    private static AuditEntry DraftOf(OperatorCall call, IMessage request, Caller caller) => new()
    {
        Kind = AuditEntry.Asked,
        Actor = caller.Name,
        ActorKind = caller.KindName,
        Address = caller.Address,
        Call = call.Name,
        Objects = [.. call.About(request).Select(o => o.ToString())],
        Request = CanonicalJson.Of(request),
        Reason = ForeignText.Visible(ReasonOf(request), LongestDetail),
    };

    private static string ReasonOf(IMessage request) =>
        request.Descriptor.FindFieldByName(Reason)?.Accessor.GetValue(request) as string ?? "";

    private async Task StoreAsync(AuditEntry entry)
    {
        try
        {
            // The caller may have gone away, or the leadership ended: what was done was done.
            await store.Audit.AppendAsync(entry, term: null, CancellationToken.None);
        }
        catch (StorageException e)
        {
            LogLate(log, entry.Call, entry.CallId, e.Message);
            if (!Keep(entry))
                LogLost(log, entry.Call, entry.Actor, entry.CallId, entry.Result);
        }
    }

    /// <summary>Keeps an entry until the database takes it; nothing runs while there is none.</summary>
    private bool Keep(AuditEntry entry)
    {
        lock (_lock)
        {
            if (_late.Count == Capacity)
                return false;
            _late.Enqueue(entry);
            if (_isStoringLate)
                return true;
            _isStoringLate = true;
        }
        _ = Task.Run(() => StoreLateAsync(lifetime.ApplicationStopping));
        return true;
    }

    private async Task StoreLateAsync(CancellationToken stopping)
    {
        try
        {
            while (Next() is { } entry)
                await StoreLateAsync(entry, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is still here is told by the entries with which it was asked for.
        }
    }

    private AuditEntry? Next()
    {
        lock (_lock)
        {
            if (_late.TryDequeue(out var entry))
                return entry;
            _isStoringLate = false;
            return null;
        }
    }

    private async Task StoreLateAsync(AuditEntry entry, CancellationToken ct)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await store.Audit.AppendAsync(entry, term: null, ct);
                return;
            }
            catch (StorageException)
            {
                await Task.Delay(pause, time, ct);
            }
        }
    }

    [LoggerMessage(1080, LogLevel.Warning, "the end of {Call} (asked for in entry {Entry} of the audit; 0: it was refused) cannot be stored now, trying again: {Reason}")]
    private static partial void LogLate(ILogger log, string call, long entry, string reason);

    [LoggerMessage(1085, LogLevel.Warning, "more than {Most} calls of strangers were refused within a minute: the rest is counted, and not written to the audit")]
    private static partial void LogLeavingOut(ILogger log, int most);

    [LoggerMessage(1081, LogLevel.Error, "the end of {Call} by {Actor} (asked for in entry {Entry} of the audit; 0: it was refused) was lost; it was {Result}")]
    private static partial void LogLost(ILogger log, string call, string actor, long entry, string result);
}
