using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Explanation;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using ProgramName = HaGrpc.Core.Model.ProgramName;
using ProgramSpec = HaGrpc.Core.Model.Program;
using ProgramState = HaGrpc.V1.ProgramState;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Why a program is in its state: from the same lists that operators read, so that both say the same, and from the history.</summary>
internal sealed class ExplainProgramCall(LeaderSeat seat, Store store, ListCalls lists, EventCalls events)
{
    private const int MostEvents = 20;

    /// <summary>Answers the call.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is no such group or program.</exception>
    public async Task<ExplainProgramResponse> RunAsync(ExplainProgramRequest request, CancellationToken ct)
    {
        RequestText.Check("group", request.Group);
        RequestText.Check("name", request.Name);
        var registry = seat.Current?.Registry.Current ?? await store.Registry.ReadAsync(ct);
        var name = new ProgramName(request.Group, request.Name);
        Demand(name, registry);
        var programs = await lists.ProgramsAsync(new() { Selectors = { request.Group } }, ct);
        var groups = await lists.GroupsAsync(new() { Names = { request.Group } }, ct);
        var response = new ExplainProgramResponse { Group = groups.Groups.FirstOrDefault(), Limits = programs.Limits };
        response.Places.AddRange(programs.Programs.Where(p => p.Program.Name == request.Name));
        response.Events.AddRange(await events.OfProgramAsync(name, MostEvents, ct));

        var specs = registry.Programs.Where(p => p.Spec.Name.Group == request.Group).ToDictionary(p => p.Spec.Name.Name, p => p, StringComparer.Ordinal);
        if (!specs.TryGetValue(request.Name, out var program))
            return response; // It was deleted while it was looked at.
        var sightings = programs.Programs.Where(p => specs.ContainsKey(p.Program.Name)).Select(p => Sight(p, specs[p.Program.Name].Spec)).ToLookup(s => s.Program.Name == name);
        var group = response.Group is { } known ? new GroupSighting(known.Phase, known.Detail) : new GroupSighting("", "");
        response.Causes.AddRange(
            ProgramCauses.Of([.. sightings[true]], [.. sightings[false]], group, program.Desired.By, program.Desired.Reason).Select(c => c.ToProto()));
        return response;
    }

    private static void Demand(ProgramName name, RegistrySnapshot registry)
    {
        if (registry.Groups.All(g => g.Spec.Name != name.Group))
            throw NotFound("group", $"no group is called '{name.Group}'", name.Group, registry.Groups.Select(g => g.Spec.Name));
        var programs = registry.Programs.Select(p => p.Spec).Where(p => p.Name.Group == name.Group).ToArray();
        if (programs.Any(p => p.Name == name))
            return;
        var processes = programs.Where(p => ProgramExpansion.TemplateOf(p) == name).Select(p => p.Name.Name).ToImmutableArray();
        if (!processes.IsEmpty)
            throw new RpcException(new Status(StatusCode.NotFound, $"name: {name} is made of {string.Join(", ", processes)}: name one of them"));
        throw NotFound("name", $"{name.Group} has no program called '{name.Name}'", name.Name, programs.Select(p => p.Name.Name));
    }

    private static RpcException NotFound(string field, string what, string name, IEnumerable<string> known) => new(new Status(
        StatusCode.NotFound, NearestName.Of(name, known) is { } near ? $"{field}: {what}; did you mean {near}?" : $"{field}: {what}"));

    private static ProgramSighting Sight(ProgramLine line, ProgramSpec program) => new(
        program,
        line.Host,
        line.Status is null or { State: ProgramState.Unspecified } ? null : line.Status.State.ToModel(),
        ForeignText.Visible(line.Status?.Detail ?? ""))
    {
        ExitStatus = line.Status?.ExitStatus ?? 0,
        FailedStarts = line.Status?.FailedStarts ?? 0,
        IsObserved = line.Status is { State: ProgramState.Observed },
    };
}
