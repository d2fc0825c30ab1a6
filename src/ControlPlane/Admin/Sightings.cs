using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Handover;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using Group = HaGrpc.Core.Model.Group;
using ProgramSpec = HaGrpc.Core.Model.Program;
using SupervisionMode = HaGrpc.Core.Model.SupervisionMode;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What the members of a group see of it, all asked at the same time.</summary>
internal sealed class Sightings(ObservationDesk desk)
{
    /// <summary>The group of a request.</summary>
    /// <exception cref="RpcException">NOT_FOUND: no group is called so.</exception>
    public static Group GroupOf(RegistrySnapshot registry, string name) =>
        registry.Groups.Select(g => g.Spec).FirstOrDefault(g => g.Name == name)
        ?? throw new RpcException(new Status(
            StatusCode.NotFound,
            NearestName.Of(name, registry.Groups.Select(g => g.Spec.Name)) is { } near
                ? $"group: no group is called '{name}'; did you mean {near}?"
                : $"group: no group is called '{name}'"));

    /// <summary>The programs of a group that are only observed.</summary>
    public static ImmutableArray<ProgramSpec> ObservedOf(RegistrySnapshot registry, Group group) =>
    [
        .. registry.Programs.Select(p => p.Spec)
            .Where(p => p.Name.Group == group.Name && (group.Mode == SupervisionMode.Observe || p.Mode == SupervisionMode.Observe)),
    ];

    /// <summary>Asks all members, the preferred one first.</summary>
    /// <param name="tenure">The leadership.</param>
    /// <param name="group">The group.</param>
    /// <param name="preflight">Also what a hand-over needs of them.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Each member's answer and version, and how long it was under way, and who owns the group.</returns>
    public async Task<(ImmutableArray<Sighting> Hosts, string Owner)> AskAsync(Tenure tenure, Group group, bool preflight, CancellationToken ct)
    {
        var members = group.Members.OrderByDescending(m => m.Priority).Select(m => m.Host).ToArray();
        var (owner, streams) = await tenure.Loop.RunAsync(() => (
            tenure.Loop.ReportGroup(group.Name)?.Owner ?? "", members.ToDictionary(m => m, m => tenure.Agents.Of(m), StringComparer.Ordinal)));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, tenure.Term.Ended);
        try
        {
            return ([.. await Task.WhenAll(members.Select(AskOneAsync))], owner);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw tenure.Term.EndedError();
        }

        async Task<Sighting> AskOneAsync(string host)
        {
            var began = TimeProvider.System.GetTimestamp();
            var before = TimeProvider.System.GetUtcNow();
            var seen = await desk.AskAsync(streams[host], group.Name, preflight, either.Token);
            return new(host, seen, streams[host] is { } stream ? RehearsalDesk.VersionOf(stream) : "", before, TimeProvider.System.GetElapsedTime(began));
        }
    }

    /// <summary>An answer in the words of the core.</summary>
    public static HostSight ToCore(Sighting sighting, Group group, IEnumerable<ProgramSpec> programs)
    {
        var names = programs.ToDictionary(p => p.Name.ToString(), p => p.Name, StringComparer.Ordinal);
        var seen = sighting.Seen;
        return new(
            sighting.Host,
            seen.Problem,
            Guid.TryParse(seen.BootId, out var boot) ? boot : Guid.Empty,
            [.. seen.Programs.Where(p => names.ContainsKey(p.Program)).Select(p => new ProgramSight(
                names[p.Program],
                [.. p.Processes.Select(s => new ProcessSight(s.Pid, s.StartTime, s.Parent, s.ParentPid, s.ParentRestarts))],
                p.Problem))],
            [.. group.Vips.Select(vip => seen.Addresses.FirstOrDefault(a => a.Address == vip.Address && a.Interface == vip.Interface) is { } found
                ? new AddressSight(vip, found.FoundOn, found.PrefixLength)
                : new AddressSight(vip, "", 0))]);
    }
}

/// <summary>What a host answered.</summary>
/// <param name="Host">The host.</param>
/// <param name="Seen">Its answer.</param>
/// <param name="Version">Of its agent.</param>
/// <param name="AskedAt">When it was asked, by our wall clock.</param>
/// <param name="Took">How long the answer took.</param>
internal sealed record Sighting(string Host, Observed Seen, string Version, DateTimeOffset AskedAt, TimeSpan Took)
{
    /// <summary>By how much the host's clock is ahead of ours, and how far off that may be; null when it did not say.</summary>
    public (TimeSpan Ahead, TimeSpan Off)? Clock => Seen.WallClockMs == 0
        ? null
        : (DateTimeOffset.FromUnixTimeMilliseconds(Seen.WallClockMs) - AskedAt - (Took / 2), Took / 2);
}
