using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>
/// What a control plane that does not lead answers: what is registered and who owns it, from the database. What only the agents
/// tell, and only the leader hears, is left open and said to be, rather than shown as it may have been.
/// </summary>
internal sealed class StoredLists(Store store, LeaderSeat seat)
{
    /// <summary>Hosts.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<ListHostsResponse> HostsAsync(CancellationToken ct)
    {
        var registry = await store.Registry.ReadAsync(ct);
        var owned = (await store.Ownership.ReadAsync(ct)).ToLookup(o => o.Owner ?? "", o => o.Group, StringComparer.Ordinal);
        var names = registry.Groups.Select(g => g.Spec.Name).ToHashSet(StringComparer.Ordinal);
        var response = new ListHostsResponse { Limits = Limits("whether a host is heard") };
        foreach (var (host, drain) in registry.Hosts.Select(h => (h.Spec, h.Drain)))
        {
            var status = new HostStatus { Host = host.ToProto(), State = HostState.Unknown, Detail = "only the leader hears its agent" };
            // Groups that were removed keep their rows, so that no epoch comes again.
            status.OwnedGroups.AddRange(owned[host.Name].Where(names.Contains));
            status.Note(drain);
            status.Note(registry.Revocations.Hosts.GetValueOrDefault(host.Name));
            response.Hosts.Add(status);
        }
        return response;
    }

    /// <summary>Groups.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<ListGroupsResponse> GroupsAsync(ListGroupsRequest request, CancellationToken ct)
    {
        var registry = await store.Registry.ReadAsync(ct);
        var owners = (await store.Ownership.ReadAsync(ct)).ToDictionary(o => o.Group, StringComparer.Ordinal);
        var response = new ListGroupsResponse { Limits = Limits("leases, and what a group waits for") };
        foreach (var (group, retirement) in registry.Groups.Select(g => (g.Spec, g.Retirement)))
        {
            if ((request.Names.Count > 0 && !request.Names.Contains(group.Name)) || !owners.TryGetValue(group.Name, out var row))
                continue;
            var status = new GroupStatus
            {
                Group = group.ToProto(),
                Owner = row.Owner ?? "",
                Epoch = row.Epoch,
                Phase = retirement is not null ? nameof(GroupPhase.Retiring)
                    : group.Mode == Core.Model.SupervisionMode.Observe ? "Observed"
                    : row.Owner is null || row.EndedAt is not null ? "Unowned" : "Owned",
                Detail = retirement?.ToString() ?? "",
                OwnedSince = row.Epoch > 0 ? row.ChangedAt.ToTimestamp() : null,
                LastReason = row.Reason,
            };
            status.Backups.AddRange(group.Members.Where(m => m.Host != row.Owner).OrderByDescending(m => m.Priority)
                .Select(m => new BackupStatus { Host = m.Host, Obstacle = "only the leader knows" }));
            response.Groups.Add(status);
        }
        return response;
    }

    /// <summary>Programs, all in state unknown.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<ListProgramsResponse> ProgramsAsync(ListProgramsRequest request, CancellationToken ct)
    {
        var registry = await store.Registry.ReadAsync(ct);
        var owners = (await store.Ownership.ReadAsync(ct)).ToDictionary(o => o.Group, o => o.Owner ?? "", StringComparer.Ordinal);
        var members = registry.Groups.ToDictionary(
            g => g.Spec.Name, g => g.Spec.Members.Select(m => m.Host).Order(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);
        var selection = Selection.Of(request.Selectors, registry);
        var response = new ListProgramsResponse { Limits = Limits("what programs do") };
        foreach (var (program, origin) in selection.Programs.Select(p => (p.Spec, ListCalls.OriginOf(p))))
        {
            var group = program.Name.Group;
            string[] hosts = program.RunOn == Core.Model.RunOn.All ? members[group] : [owners.GetValueOrDefault(group, "")];
            response.Programs.AddRange(hosts.Select(host => new ProgramLine
            {
                Program = program.ToProto(),
                Host = host,
                Desired = origin,
                Status = host.Length == 0 ? null : Unknown(program.Name),
            }));
        }
        response.Unmatched.AddRange(selection.NoGroups);
        response.Unmatched.AddRange(selection.NoPrograms);
        return response;
    }

    private static ProgramStatus Unknown(ProgramName name) => new()
    {
        Group = name.Group,
        Name = name.Name,
        State = V1.ProgramState.Unknown,
        Detail = "only the leader hears its host",
    };

    private string Limits(string what) => $"answered from the database by a control plane that does not lead ({seat.Vacancy}): "
        + $"{what} only the leader knows";
}
