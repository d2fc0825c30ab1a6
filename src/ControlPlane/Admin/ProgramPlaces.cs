using System.Collections.Immutable;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using ProgramSpec = HaGrpc.Core.Model.Program;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>A host that a program runs on, or would.</summary>
/// <param name="Host">Empty when nobody owns the program's group.</param>
/// <param name="Silence">Why what the host said last does not count now; empty when it does.</param>
internal readonly record struct ProgramPlace(string Host, string Silence);

/// <summary>Where a group's programs run.</summary>
/// <param name="Owner">Those of the owner.</param>
/// <param name="Members">Those with <c>run_on: all</c>, by the hosts' names.</param>
internal sealed record ProgramPlaces(ProgramPlace Owner, ImmutableArray<ProgramPlace> Members)
{
    /// <summary>Looks at one group. On the loop's thread.</summary>
    public static ProgramPlaces Of(Tenure tenure, string group)
    {
        var members = tenure.Registry.Current.Groups.FirstOrDefault(g => g.Spec.Name == group)?.Spec.Members ?? [];
        return new(
            tenure.Loop.ReportGroup(group)?.Owner is { } owner ? PlaceOf(tenure, owner) : new("", ""),
            [.. members.Select(m => m.Host).Order(StringComparer.Ordinal).Select(host => PlaceOf(tenure, host))]);
    }

    /// <summary>The places of one of the group's programs; at least one.</summary>
    public ImmutableArray<ProgramPlace> Of(ProgramSpec program) => program.RunOn == RunOn.All && !Members.IsEmpty ? Members : [Owner];

    private static ProgramPlace PlaceOf(Tenure tenure, string host)
    {
        var (liveness, silence) = tenure.Loop.ReportHost(host);
        if (liveness is HostLiveness.Live or HostLiveness.Suspect && tenure.Agents.Of(host) is not null)
            return new(host, "");
        return new(host, silence is { } s ? $"host {host} has been silent for {s.TotalSeconds:F1} s" : $"host {host} has not been heard");
    }
}
