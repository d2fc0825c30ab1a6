using Grpc.Core;
using HaGrpc.Lab.World;
using HaGrpc.V1;

namespace HaGrpc.Lab.Cluster;

/// <summary>Who leads, and its term.</summary>
internal sealed record Leadership(ControlPlaneProcess Plane, long Term);

/// <summary>The control planes of a cluster, of which one leads.</summary>
internal sealed class ControlPlanes(IReadOnlyList<ControlPlaneProcess> all) : IDisposable
{
    public IReadOnlyList<ControlPlaneProcess> All { get; } = all;

    /// <summary>All endpoints, as agents and hactl take them.</summary>
    public string Endpoints => string.Join(',', All.Select(p => p.Endpoint.ToString().TrimEnd('/')));

    /// <summary>Whoever says that it leads; null when nobody does. All are asked at the same time, so that one that does not answer costs
    /// nothing while another leads.</summary>
    public async Task<Leadership?> FindLeader()
    {
        var waiting = All.Select(Leads).ToList();
        while (waiting.Count > 0)
        {
            var done = await Task.WhenAny(waiting);
            waiting.Remove(done);
            if (await done is { } leader)
                return leader;
        }
        return null;
    }

    /// <summary>The leader now.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: nobody leads.</exception>
    public async Task<Leadership> Leader() =>
        await FindLeader() ?? throw new RpcException(new(StatusCode.Unavailable, "none of the control planes leads"));

    /// <summary>Waits for a leader under a later term. Each is asked in a rhythm of its own, so that none is seen late because another one
    /// does not answer.</summary>
    public async Task<Leadership> LeaderAfter(long term, TimeSpan limit)
    {
        Leadership? found = null;
        await await Task.WhenAny(All.Select(plane => Eventually.Until($"a control plane leads under a term after {term}", limit, async () =>
        {
            if (Volatile.Read(ref found) is null && await Leads(plane) is { } leader && leader.Term > term)
                Interlocked.CompareExchange(ref found, leader, null);
            return Volatile.Read(ref found) is not null;
        })));
        return found!;
    }

    /// <summary>What is not whole yet: one leads, the others follow it, all reach the database. Empty when all is.</summary>
    public async Task<string> Disagreement()
    {
        var said = await Task.WhenAll(All.Select(async plane => (plane.Host.Name, Said: await plane.Ask(checkDatabase: true))));
        if (said.FirstOrDefault(s => s.Said is null).Name is { } silent)
            return $"{silent} does not answer";
        if (said.FirstOrDefault(s => !s.Said!.DatabaseOk) is { Said: { } without } blind)
            return $"{blind.Name} does not reach the database: {without.DatabaseDetail}";
        var leaders = said.Where(s => s.Said!.Role == ControlPlaneRole.Leader).ToList();
        if (leaders.Count != 1)
            return $"{leaders.Count} lead: {string.Join(", ", said.Select(s => $"{s.Name} {s.Said!.Role} {s.Said.Term} {s.Said.Detail}"))}";
        var stranger = said.FirstOrDefault(s => s.Said!.Term != leaders[0].Said!.Term || s.Said.LeaderAddress != leaders[0].Said!.Address);
        return stranger.Said is null ? "" : $"{stranger.Name} knows term {stranger.Said.Term} at '{stranger.Said.LeaderAddress}'";
    }

    private static async Task<Leadership?> Leads(ControlPlaneProcess plane) =>
        await plane.Ask() is { Role: ControlPlaneRole.Leader } said ? new(plane, said.Term) : null;

    public void Dispose()
    {
        foreach (var plane in All)
            plane.Dispose();
    }
}
