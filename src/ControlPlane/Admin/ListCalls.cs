using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Ownership;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What is registered, and what is known of it now.</summary>
internal sealed class ListCalls(LeaderSeat seat, AdmissionDesk desk, StoredLists stored)
{
    /// <summary>Hosts.</summary>
    public async Task<ListHostsResponse> HostsAsync(CancellationToken ct)
    {
        if (seat.Current is not { } tenure)
            return await stored.HostsAsync(ct);
        var registry = tenure.Registry.Current;
        return await tenure.Loop.RunAsync(() =>
        {
            var response = new ListHostsResponse();
            foreach (var (host, drain, retirement) in registry.Hosts.Select(h => (h.Spec, h.Drain, h.Retirement)))
            {
                var (liveness, silence) = tenure.Loop.ReportHost(host.Name);
                var stream = tenure.Agents.Of(host.Name);
                var revocation = registry.Revocations.Hosts.GetValueOrDefault(host.Name);
                var status = new HostStatus
                {
                    Host = host.ToProto(),
                    State = liveness switch
                    {
                        HostLiveness.Live => HostState.Live,
                        HostLiveness.Suspect => HostState.Suspect,
                        HostLiveness.Dead => HostState.Dead,
                        _ => HostState.Unknown,
                    },
                    LastHeartbeatAge = silence?.ToProto(),
                    AgentVersion = stream?.AgentVersion ?? "",
                    Address = stream?.Address ?? "",
                    Detail = retirement is not null ? $"{retirement}, when its groups have ended"
                        : revocation is null && desk.LastRefusal(host.Name) is { } refusal ? refusal.ToString()
                        : stream is not null ? "" : silence is null ? "its agent has not connected" : "its agent is not connected",
                };
                status.OwnedGroups.AddRange(registry.Groups.Select(g => g.Spec.Name)
                    .Where(g => tenure.Loop.ReportGroup(g)?.Owner == host.Name));
                status.Note(drain);
                status.Note(revocation);
                response.Hosts.Add(status);
            }
            return response;
        });
    }

    /// <summary>Groups.</summary>
    public async Task<ListGroupsResponse> GroupsAsync(ListGroupsRequest request, CancellationToken ct)
    {
        if (seat.Current is not { } tenure)
            return await stored.GroupsAsync(request, ct);
        var registry = tenure.Registry.Current;
        return await tenure.Loop.RunAsync(() =>
        {
            var response = new ListGroupsResponse();
            foreach (var group in registry.Groups.Select(g => g.Spec))
            {
                if (request.Names.Count > 0 && !request.Names.Contains(group.Name))
                    continue;
                if (group.Mode == Core.Model.SupervisionMode.Observe)
                {
                    response.Groups.Add(ObservedLists.Of(tenure, registry, group));
                    continue;
                }
                if (tenure.Loop.ReportGroup(group.Name) is not { } report)
                    continue;
                var noted = tenure.Notes.Of(group.Name);
                var status = new GroupStatus
                {
                    Group = group.ToProto(),
                    Owner = report.Owner ?? "",
                    Epoch = report.Epoch,
                    Phase = report.Phase.ToString(),
                    OwnedSince = report.Epoch > 0 ? noted?.ChangedAt.ToTimestamp() : null,
                    LastReason = noted?.Reason ?? "",
                    Detail = string.Join("; ", (string[])[.. new[] { report.Obstacle, report.Note }.Where(t => t.Length > 0), .. ObservedLists.Remaining(registry, group), .. tenure.TroublesOf(report.Owner, group.Name)]),
                    LeaseLeft = report.LeaseLeft is { } left && left > TimeSpan.Zero ? left.ToProto() : null,
                };
                foreach (var (host, priority) in report.Priorities)
                    status.EffectivePriorities[host] = priority;
                status.Locks.AddRange(tenure.Registry.LocksOf(group).Select(LockCalls.ToProto));
                status.Backups.AddRange(report.Backups.Select(b => new BackupStatus
                {
                    Host = b.Host,
                    Obstacle = registry.Revocations.Hosts.GetValueOrDefault(b.Host) is { } revocation ? $"revoked {revocation}"
                        : tenure.Agents.Of(b.Host) is null && desk.LastRefusal(b.Host) is { } refusal ? $"{b.Obstacle}{(b.Obstacle.Length > 0 ? "; " : "")}{refusal}"
                        : b.Obstacle,
                    // What a host said that is away is nothing that is so now.
                    Readiness = tenure.Agents.Of(b.Host) is null ? null : tenure.Readiness.Of(b.Host, group.Name),
                }));
                response.Groups.Add(status);
            }
            return response;
        });
    }

    /// <summary>Programs; what a silent host said last is not shown as if it were so now. On the loop's thread only the owners
    /// are asked for: thousands of lines are written beside it, while it decides.</summary>
    public async Task<ListProgramsResponse> ProgramsAsync(ListProgramsRequest request, CancellationToken ct)
    {
        if (seat.Current is not { } tenure)
            return await stored.ProgramsAsync(request, ct);
        var selection = Selection.Of(request.Selectors, tenure.Registry.Current);
        var groups = selection.Programs.Select(p => p.Spec.Name.Group).Distinct(StringComparer.Ordinal).ToArray();
        var places = await tenure.Loop.RunAsync(
            () => groups.ToDictionary(g => g, g => ProgramPlaces.Of(tenure, g), StringComparer.Ordinal));
        var response = new ListProgramsResponse();
        var registry = tenure.Registry.Current;
        foreach (var program in selection.Programs)
            response.Programs.AddRange(LinesOf(tenure, registry, program, program.Spec.ToProto(), places[program.Spec.Name.Group]));
        response.Unmatched.AddRange(selection.NoGroups);
        response.Unmatched.AddRange(selection.NoPrograms);
        return response;
    }

    /// <summary>The lines of one program, one for each host where it runs or should; at least one.</summary>
    /// <param name="tenure">Knows what runs.</param>
    /// <param name="registry">What is registered.</param>
    /// <param name="program">The program.</param>
    /// <param name="spec">The same on the wire.</param>
    /// <param name="places">Where programs of its group run.</param>
    public static IEnumerable<ProgramLine> LinesOf(
        Leader.Tenure tenure, Storage.RegistrySnapshot registry, Storage.RegisteredProgram program, V1.Program spec, ProgramPlaces places)
    {
        if (ObservedLists.IsObserved(registry, program.Spec))
            return ObservedLists.Of(tenure, program.Spec);
        var (name, origin) = (program.Spec.Name, OriginOf(program));
        return places.Of(program.Spec).Select(place => new ProgramLine
        {
            Program = spec,
            Host = place.Host,
            Desired = origin,
            Status = place.Host.Length == 0 ? null
                : place.Silence.Length == 0 ? Managed(tenure.Programs.Of(place.Host, name))
                : Unknown(name, place.Silence),
        });
    }

    // What was observed before a hand-over says nothing of what we run: an agent has no word for what it has not started yet.
    private static ProgramStatus? Managed(ProgramStatus? said) => said is { State: ProgramState.Observed } ? null : said;

    /// <summary>Who wanted what is wanted of a program.</summary>
    public static WishOrigin OriginOf(Storage.RegisteredProgram program) =>
        new() { By = program.Desired.By, At = program.Desired.At.ToTimestamp(), Reason = program.Desired.Reason };

    private static ProgramStatus Unknown(Core.Model.ProgramName name, string why) =>
        new() { Group = name.Group, Name = name.Name, State = ProgramState.Unknown, Detail = why };
}
