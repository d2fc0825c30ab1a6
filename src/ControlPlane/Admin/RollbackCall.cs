using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Core.Model.Validation;
using HaGrpc.V1;
using FieldError = HaGrpc.Core.Model.FieldError;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Registers again what was registered after an earlier revision: all of it in one transaction, or nothing (docs/adr/0028).</summary>
internal sealed partial class RollbackCall(LeaderSeat seat, Store store, EventSignal signal, UserCheck users, ILogger<RollbackCall> log)
{
    private const int Attempts = 2;

    /// <summary>Answers the call.</summary>
    /// <exception cref="RpcException">NOT_FOUND for a revision that is not kept.</exception>
    public async Task<RollbackResponse> RunAsync(RollbackRequest request, ServerCallContext context)
    {
        RequestText.Check("reason", request.Reason);
        var tenure = seat.Demand();
        var actor = Peer.Actor(context);
        if (request.DryRun)
            return await TryAsync(request, tenure, actor, AuditNotes.Of(context), context.CancellationToken);
        var response = await tenure.Registry.WriteAsync(
            () => TryAsync(request, tenure, actor, AuditNotes.Of(context), context.CancellationToken), context.CancellationToken);
        if (response.Refusals.Count == 0)
            LogRolledBack(log, actor, request.Revision, response.Changes.Count(c => c.Kind != V1.ChangeKind.Unchanged));
        return response;
    }

    private async Task<RollbackResponse> TryAsync(
        RollbackRequest request, Tenure tenure, string actor, AuditNotes notes, CancellationToken ct)
    {
        ImmutableArray<string> conflicts = [];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var registered = await store.Registry.ReadAsync(ct);
            var stored = registered.Lasting;
            if (await store.Revisions.ReadAfterAsync(request.Revision, ct) is not { } since)
                throw RevisionCalls.NotKept(request.Revision);
            var earlier = new EarlierState(since, stored);
            var changes = HandoverRules.Keep(earlier.Changes with { Cause = Cause(request), Reason = Cause(request) }, stored);
            var response = new RollbackResponse();
            response.Refusals.AddRange(await RefusalsAsync(earlier, changes, registered, tenure, ct));
            if (response.Refusals.Count > 0)
                return response;
            if (request.DryRun)
            {
                response.Changes.AddRange(ChangeAnswers.Of(RegistryPreview.Of(changes, stored), changes, stored));
                return response;
            }
            var write = await store.Registry.ApplyAsync(changes, stored.ConfigurationRevision, actor, ct);
            signal.Pulse();
            if (write.Outcome == RegistryOutcome.Applied)
            {
                RegistryAudit.Note(notes, write.Changes, stored, changes);
                response.Changes.AddRange(ChangeAnswers.Of(write.Changes, changes, stored));
                return response;
            }
            conflicts = write.Conflicts;
        }
        throw new RpcException(new Status(
            StatusCode.Aborted, $"somebody else changes the configuration at the same time, nothing was rolled back: {string.Join("; ", conflicts)}"));
    }

    private static string Cause(RollbackRequest request)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"rollback to {request.Revision}");
        return request.Reason.Length > 0 ? $"{what}: {request.Reason}" : what;
    }

    private async Task<IReadOnlyList<string>> RefusalsAsync(
        EarlierState earlier, RegistryChanges changes, RegistrySnapshot registered, Tenure tenure, CancellationToken ct)
    {
        // The state was right when it was registered: what is asked again is what may have changed since, rules, users and owners.
        var whole = new ModelSet(earlier.Hosts, earlier.Groups, []);
        var errors = ModelValidation.Validate(whole, new([], [], earlier.Programs)).Concat(OwnerRules.Check(earlier.Groups, tenure))
            .Select(error => Line(error, whole));
        var part = new ModelSet(changes.Hosts, changes.Groups, changes.Programs);
        var missing = (await users.ErrorsAsync(part, tenure, ct)).Select(error => Line(error, part));
        return
        [
            .. BeingDeleted.Among(changes.Groups.Select(g => g.Name), changes.Hosts.Select(h => h.Name), registered).Select(o => $"{o.Object}: {o.Why}"),
            .. errors,
            .. missing,
        ];
    }

    /// <summary>Positions in a request that nobody has written are told as names.</summary>
    private static string Line(FieldError error, ModelSet model)
    {
        var text = string.Join(": ", ((string[])[error.Path, error.Value, error.Message]).Where(part => part.Length > 0));
        return Position().Replace(text, match =>
        {
            var at = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
            return match.Groups[1].Value switch
            {
                "hosts" when at < model.Hosts.Length => $"host/{model.Hosts[at].Name}",
                "groups" when at < model.Groups.Length => $"group/{model.Groups[at].Name}",
                "programs" when at < model.Programs.Length => $"program/{model.Programs[at].Name}",
                _ => match.Value,
            };
        });
    }

    [GeneratedRegex(@"\b(hosts|groups|programs)\[([0-9]{1,6})\]")]
    private static partial Regex Position();

    [LoggerMessage(1060, LogLevel.Information, "{Actor} rolled back to revision {Revision}: {Count} objects changed")]
    private static partial void LogRolledBack(ILogger log, string actor, long revision, int count);
}
