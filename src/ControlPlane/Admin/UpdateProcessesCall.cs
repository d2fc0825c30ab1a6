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

/// <summary>Registers some processes of a program anew: a part of what an apply of the program would do.</summary>
internal sealed class UpdateProcessesCall(LeaderSeat seat, Store store, EventSignal signal, UserCheck users)
{
    private const int Attempts = 2;

    /// <summary>Answers the call.</summary>
    /// <exception cref="RpcException">Nothing was registered: NOT_FOUND, INVALID_ARGUMENT, ABORTED.</exception>
    public async Task<UpdateProcessesResponse> RunAsync(UpdateProcessesRequest request, ServerCallContext context)
    {
        RequestText.Check("reason", request.Reason);
        if (request.Program is null || request.Processes.Count == 0)
            throw new RpcException(new Status(StatusCode.InvalidArgument, "program and processes: both must be given; name at least one process"));
        var tenure = seat.Demand();
        var errors = new List<FieldError>();
        var model = new ApplyRequest { Programs = { request.Program } }.ToModel(errors);
        errors.AddRange(await users.ErrorsAsync(model, tenure, context.CancellationToken));
        return await tenure.Registry.WriteAsync(() => StoreAsync(request, model, errors, context), context.CancellationToken);
    }

    private async Task<UpdateProcessesResponse> StoreAsync(
        UpdateProcessesRequest request, ModelSet model, List<FieldError> known, ServerCallContext context)
    {
        ImmutableArray<string> conflicts = [];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            // What is being deleted is registered no more, and must not come back by this.
            var stored = (await store.Registry.ReadAsync(context.CancellationToken)).Lasting;
            var errors = known.Concat(ModelValidation.Validate(model, ToModel(stored))).Distinct().ToArray();
            if (errors.Length > 0)
                return new() { Errors = { errors.Select(e => e.ToProto()) } };
            var changes = HandoverRules.Keep(
                new()
                {
                    Programs = Named(request, model.Programs[0], stored),
                    Cause = $"update of {model.Programs[0].Name}",
                },
                stored);
            var write = await store.Registry.ApplyAsync(changes, stored.ConfigurationRevision, Peer.Actor(context), context.CancellationToken);
            signal.Pulse();
            if (write.Outcome == RegistryOutcome.Applied)
            {
                RegistryAudit.Note(AuditNotes.Of(context), write.Changes, stored, changes);
                return new() { Changes = { ChangeAnswers.Of(write.Changes, changes, stored) } };
            }
            conflicts = write.Conflicts;
        }
        throw new RpcException(new Status(
            StatusCode.Aborted, $"somebody else changes the configuration at the same time, nothing was registered: {string.Join("; ", conflicts)}"));
    }

    /// <summary>The processes that were named, as they shall be.</summary>
    private static ImmutableArray<Core.Model.Program> Named(UpdateProcessesRequest request, Core.Model.Program program, RegistrySnapshot stored)
    {
        var made = ProgramExpansion.Of(program);
        var before = stored.Programs.Select(p => p.Spec).Where(p => ProgramExpansion.TemplateOf(p) == program.Name).Select(p => p.Name).ToHashSet();
        if (before.Count == 0)
            throw new RpcException(new Status(StatusCode.NotFound, $"program: no program is registered as {program.Name}: apply it"));
        // Another number of processes is no new release of those that are there.
        if (!before.SetEquals(made.Select(p => p.Name)))
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument,
                $"program: {program.Name} has {before.Count} processes, and this would make {made.Length} or others: apply it, then update"));
        }
        var wanted = request.Processes.ToHashSet(StringComparer.Ordinal);
        if (wanted.FirstOrDefault(name => made.All(p => p.Name.Name != name)) is { } unknown)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"processes: {unknown}: {program.Name} has no such process"));
        return [.. made.Where(p => wanted.Contains(p.Name.Name))];
    }

    private static ModelSet ToModel(RegistrySnapshot stored) => new(
        [.. stored.Hosts.Select(h => h.Spec)],
        [.. stored.Groups.Select(g => g.Spec)],
        [.. stored.Programs.Select(p => p.Spec)]);
}
