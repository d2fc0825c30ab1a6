using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.Contracts;
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

/// <summary>Registers hosts, groups and programs: everything is right and stored in one transaction, or nothing is.</summary>
internal sealed class ApplyCall(LeaderSeat seat, Store store, EventSignal signal, UserCheck users)
{
    private const int Attempts = 2;

    /// <summary>Answers the call.</summary>
    public async Task<ApplyResponse> RunAsync(ApplyRequest request, ServerCallContext context)
    {
        RequestText.Check("reason", request.Reason);
        var tenure = seat.Demand();
        var errors = new List<FieldError>();
        var model = request.ToModel(errors);
        if (request.Prune && model.Hosts.IsEmpty && model.Groups.IsEmpty && model.Programs.IsEmpty)
            errors.Add(new("prune", "true", "the manifest names nothing, so everything would be deleted: say what is to stay, or delete by name (hactl delete)"));
        errors.AddRange(await users.ErrorsAsync(model, tenure, context.CancellationToken));
        return request.DryRun
            ? await TryAsync(request, model, errors, tenure, context)
            : await tenure.Registry.WriteAsync(
                () => TryAsync(request, model, errors, tenure, context),
                context.CancellationToken);
    }

    private async Task<ApplyResponse> TryAsync(
        ApplyRequest request, ModelSet model, List<FieldError> known, Tenure tenure, ServerCallContext context)
    {
        var (actor, ct) = (Peer.Actor(context), context.CancellationToken);
        ImmutableArray<string> conflicts = [];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var registered = await store.Registry.ReadAsync(ct);
            var stored = registered.Lasting;
            var errors = known.Concat(Judge(request, model, registered, tenure)).Concat(HandoverRules.Check(request, stored)).Distinct().ToArray();
            if (errors.Length > 0)
                return Refuse(errors);
            var changes = HandoverRules.Keep(Changes(request, model, stored), stored);
            if (request.DryRun)
                return Answer(RegistryPreview.Of(changes, stored), changes, stored);
            var write = await store.Registry.ApplyAsync(changes, stored.ConfigurationRevision, actor, ct);
            signal.Pulse();
            if (write.Outcome == RegistryOutcome.Applied)
            {
                RegistryAudit.Note(AuditNotes.Of(context), write.Changes, stored, changes);
                return Answer(write.Changes, changes, stored);
            }
            conflicts = write.Conflicts;
        }
        throw new RpcException(new Status(
            StatusCode.Aborted, $"somebody else changes the configuration at the same time, nothing was applied: {string.Join("; ", conflicts)}"));
    }

    // What is pruned is nothing that a manifest can refer to.
    private static IEnumerable<FieldError> Judge(ApplyRequest request, ModelSet model, RegistrySnapshot registered, Tenure tenure) =>
        ModelValidation.Validate(model, request.Prune ? new([], [], []) : ToModel(registered.Lasting))
            .Concat(OwnerRules.Check(model.Groups, tenure))
            .Concat(BeingDeleted.Errors(model, registered));

    private static ModelSet ToModel(RegistrySnapshot stored) => new(
        [.. stored.Hosts.Select(h => h.Spec)],
        [.. stored.Groups.Select(g => g.Spec)],
        [.. stored.Programs.Select(p => p.Spec)]);

    private static RegistryChanges Changes(ApplyRequest request, ModelSet model, RegistrySnapshot stored) =>
        request.Prune ? Pruned.Of(Named(request, model, stored), model, stored, request.Reason) : Named(request, model, stored);

    private static RegistryChanges Named(ApplyRequest request, ModelSet model, RegistrySnapshot stored) => new()
    {
        Cause = request.Reason.Length > 0 ? $"apply: {request.Reason}" : "apply",
        Hosts = model.Hosts,
        Groups = model.Groups,
        Programs = [.. model.Programs.SelectMany(program => ProgramExpansion.Of(program))],
        Surplus = ProgramExpansion.Surplus(model.Programs, stored.Programs.Select(p => p.Spec)),
        DesiredStates = [.. model.Programs
            .Where((_, index) => request.Programs[index].DesiredState != V1.DesiredState.Unspecified)
            .SelectMany(program => ProgramExpansion.Of(program))
            .Select(process => process.Name)],
    };

    private static ApplyResponse Refuse(IEnumerable<FieldError> errors)
    {
        var response = new ApplyResponse();
        response.Errors.AddRange(errors.Select(e => e.ToProto()));
        return response;
    }

    private static ApplyResponse Answer(ImmutableArray<ObjectChange> made, RegistryChanges changes, RegistrySnapshot stored)
    {
        var response = new ApplyResponse();
        response.Changes.AddRange(ChangeAnswers.Of(made, changes, stored));
        return response;
    }
}
