using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Core.Model.Validation;
using HaGrpc.Core.Supervision;
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
        var tenure = seat.Demand();
        var errors = new List<FieldError>();
        var model = request.ToModel(errors);
        errors.AddRange(await users.ErrorsAsync(model, tenure, context.CancellationToken));
        return request.DryRun
            ? await TryAsync(request, model, errors, tenure, Peer.Actor(context), context.CancellationToken)
            : await tenure.Registry.WriteAsync(
                () => TryAsync(request, model, errors, tenure, Peer.Actor(context), context.CancellationToken),
                context.CancellationToken);
    }

    private async Task<ApplyResponse> TryAsync(
        ApplyRequest request, ModelSet model, List<FieldError> known, Tenure tenure, string actor, CancellationToken ct)
    {
        ImmutableArray<string> conflicts = [];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var stored = await store.Registry.ReadAsync(ct);
            var errors = known.Concat(Judge(model, stored, tenure)).Distinct().ToArray();
            if (errors.Length > 0)
                return Refuse(errors);
            var changes = Changes(request, model, stored);
            if (request.DryRun)
                return Answer(RegistryPreview.Of(changes, stored), Restarts(changes, stored));
            var write = await store.Registry.ApplyAsync(changes, stored.ConfigurationRevision, actor, ct);
            signal.Pulse();
            if (write.Outcome == RegistryOutcome.Applied)
                return Answer(write.Changes, Restarts(changes, stored));
            conflicts = write.Conflicts;
        }
        throw new RpcException(new Status(
            StatusCode.Aborted, $"somebody else changes the configuration at the same time, nothing was applied: {string.Join("; ", conflicts)}"));
    }

    private static IEnumerable<FieldError> Judge(ModelSet model, RegistrySnapshot stored, Tenure tenure)
    {
        foreach (var error in ModelValidation.Validate(model, ToModel(stored)))
            yield return error;
        for (var g = 0; g < model.Groups.Length; g++)
        {
            var group = model.Groups[g];
            if (tenure.Notes.Of(group.Name) is { Owner: { } owner } && group.Members.All(m => m.Host != owner))
            {
                yield return new(
                    $"groups[{g}].members",
                    string.Join(", ", group.Members.Select(m => m.Host)),
                    $"host {owner} owns the group and may not be dropped: switch over first (hactl switchover {group.Name} --to HOST)");
            }
        }
    }

    private static ModelSet ToModel(RegistrySnapshot stored) => new(
        [.. stored.Hosts.Select(h => h.Spec)],
        [.. stored.Groups.Select(g => g.Spec)],
        [.. stored.Programs.Select(p => p.Spec)]);

    private static RegistryChanges Changes(ApplyRequest request, ModelSet model, RegistrySnapshot stored) => new()
    {
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

    /// <summary>The fields for which programs that are wanted to run are restarted, by the objects' names.</summary>
    private static Dictionary<string, ImmutableArray<string>> Restarts(RegistryChanges changes, RegistrySnapshot stored)
    {
        var before = stored.Programs.ToDictionary(p => p.Spec.Name, p => p.Spec);
        return changes.Programs
            .Where(p => before.TryGetValue(p.Name, out var known) && known.DesiredState == Core.Model.DesiredState.Running
                && !(changes.DesiredStates.Contains(p.Name) && p.DesiredState == Core.Model.DesiredState.Stopped))
            .ToDictionary(p => $"program/{p.Name}", p => InstanceIdentity.Differences(before[p.Name], p), StringComparer.Ordinal);
    }

    private static ApplyResponse Answer(ImmutableArray<ObjectChange> changes, Dictionary<string, ImmutableArray<string>> restarts)
    {
        var response = new ApplyResponse();
        foreach (var change in changes)
        {
            var answer = new Change
            {
                Object = change.Object,
                Kind = change.Kind switch
                {
                    Storage.ChangeKind.Created => V1.ChangeKind.Created,
                    Storage.ChangeKind.Updated => V1.ChangeKind.Updated,
                    Storage.ChangeKind.Removed => V1.ChangeKind.Removed,
                    _ => V1.ChangeKind.Unchanged,
                },
            };
            answer.RestartedFor.AddRange(restarts.GetValueOrDefault(change.Object, []));
            response.Changes.Add(answer);
        }
        return response;
    }
}
