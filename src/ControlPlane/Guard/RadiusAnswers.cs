using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Guard;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>What an act would hit, as whoever asks is shown it: with the clients that are connected, whom only the owners can count.</summary>
internal sealed class RadiusAnswers(ClientDesk clients)
{
    private const int MostGroups = 50, MostPrograms = 50;

    // A trailer has to pass every proxy.
    private const int LongestTrailer = 4096;

    /// <summary>Describes it.</summary>
    /// <param name="radius">What it would hit.</param>
    /// <param name="verdict">What is demanded.</param>
    /// <param name="why">Why that is demanded.</param>
    /// <param name="tenure">The leadership in force.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<PreviewResponse> DescribeAsync(BlastRadius radius, GuardVerdict verdict, string why, Tenure tenure, CancellationToken ct)
    {
        var counts = await CountAsync(radius, tenure, ct);
        var known = counts.Values.Where(c => c.Problem.Length == 0).ToArray();
        var (number, isAll) = (known.Length == 0 ? (long?)null : known.Sum(c => (long)c.Count), known.Length == radius.Groups.Length);
        var response = new PreviewResponse
        {
            Act = GuardedActs.NameOf(radius.Act),
            Demand = verdict.Demand.ToProto(),
            DemandedBy = why,
            Name = radius.Name,
            GroupCount = radius.Groups.Length,
            RunningPrograms = radius.Running.Count(),
            Summary = radius.Describe(number, isAll),
        };
        response.Hosts.AddRange(radius.AllHosts);
        response.Notes.AddRange(radius.Notes.Select(n => n.Text));
        response.SaidParts.AddRange(radius.Parts(number, isAll).Select(p => p.ToProto()));
        response.SaidNotes.AddRange(radius.Notes.Select(n => n.ToProto()));
        foreach (var hit in radius.Groups.Take(MostGroups))
        {
            var running = hit.Programs.Where(p => p.IsUp).ToArray();
            var group = new GroupRadius
            {
                Group = hit.Group,
                Owner = hit.Owner,
                Epoch = hit.Epoch,
                RunningCount = running.Length,
                OtherCount = hit.Programs.Length - running.Length,
            };
            group.Vips.AddRange(hit.Vips);
            group.Running.AddRange(running.Select(p => p.Name).Distinct(StringComparer.Ordinal).Take(MostPrograms));
            var counted = counts[hit.Group];
            if (counted.Problem.Length == 0)
                group.Clients = counted.Count;
            else
                group.ClientsProblem = counted.Problem;
            response.Groups.Add(group);
        }
        return response;
    }

    /// <summary>What goes into the trailers of a refusal: without what is said twice, and without the groups, where they would make it too long; the line says it all the same.</summary>
    public static PreviewResponse ForTrailers(PreviewResponse preview)
    {
        if (preview.CalculateSize() <= LongestTrailer)
            return preview;
        var less = preview.Clone();
        less.SaidParts.Clear();
        less.SaidNotes.Clear();
        if (less.CalculateSize() <= LongestTrailer)
            return less;
        less.Groups.Clear();
        less.Notes.Clear();
        less.Hosts.Clear();
        return less;
    }

    private async Task<Dictionary<string, GroupClients>> CountAsync(BlastRadius radius, Tenure tenure, CancellationToken ct)
    {
        var owners = radius.Groups.GroupBy(g => g.Owner, g => g.Group, StringComparer.Ordinal).ToArray();
        var streams = await tenure.Loop.RunAsync(() => owners.ToDictionary(o => o.Key, o => o.Key.Length == 0 ? null : tenure.Agents.Of(o.Key), StringComparer.Ordinal));
        var counts = await Task.WhenAll(owners.Select(owner => owner.Key.Length == 0
            ? Task.FromResult<IReadOnlyList<GroupClients>>([.. owner.Select(g => new GroupClients { Group = g })]) // Nobody has its addresses.
            : clients.CountAsync(owner.Key, streams[owner.Key], [.. owner], ct)));
        return counts.SelectMany(c => c).ToDictionary(c => c.Group, StringComparer.Ordinal);
    }
}
