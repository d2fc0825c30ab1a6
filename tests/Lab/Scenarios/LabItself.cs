using HaGrpc.Lab.Observation;
using HaGrpc.Lab.Reporting;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>
/// Who watches the watchers: moves an address, a gate and a program by hand, without any agent. An orderly move must be
/// found orderly, and each kind of double owner must be found.
/// </summary>
internal static class LabItself
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<ScenarioReport> Run()
    {
        Dictionary<string, double> measures = [];
        List<string> broken = [];
        var binaries = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(Environment.ProcessPath))!, "lab", "lab-program");
        await using var topology = await Topology.Build("/run/lab");
        using var observers = new Observers(topology);
        foreach (var host in new[] { topology.A, topology.B })
            await host.Run("nft", "add table ip hagrpc; add set ip hagrpc leased { type ipv4_addr; flags timeout; }");

        // An orderly life on A, and an orderly move to B.
        var began = BootClock.Nanoseconds;
        var onA = await Own(topology.A);
        await observers.Prober.Answered(began, "A", Limit);
        onA.Signal(Kernel.Libc.SigKill);
        await onA.WaitForExit(Limit);
        await topology.A.Run("ip", "addr", "del", $"{Topology.Vip4}/32", "dev", "eth0");
        await topology.A.Run("nft", $"delete element ip hagrpc leased {{ {Topology.Vip4} }}");
        await Eventually.Until("A's program is seen dead", Limit, () => observers.A.Programs.Alive.Count == 0);
        var moved = BootClock.Nanoseconds;
        var onB = await Own(topology.B);
        await topology.Client.Run("ip", "neigh", "flush", "all");
        await observers.Prober.Answered(moved, "B", Limit);
        var orderly = new Auditor(observers).Check(began, BootClock.Nanoseconds);
        broken.AddRange(orderly.Violations.Select(v => $"an orderly move was found wrong: {v}"));
        if (orderly.Margin is not { } margin || margin <= TimeSpan.Zero)
            broken.Add($"an orderly move has the margin {orderly.Margin}");
        else
            measures["margin of the orderly move, ms"] = margin.TotalMilliseconds;
        measures["client's outage, ms"] = Outages.Longest(observers.Prober.Probes, began, BootClock.Nanoseconds).TotalMilliseconds;
        await Eventually.Until("B's address is seen", Limit, () => observers.B.Addresses.Has(Topology.Vip4) && !observers.A.Addresses.Has(Topology.Vip4));

        // A element's end is not announced by the kernel: the observer must know it.
        await topology.A.Run("nft", $"add element ip hagrpc leased {{ {Topology.Vip4} timeout 200ms }}");
        await Eventually.Until("the short lease is over", Limit, () =>
            observers.A.Gate.Intervals(Topology.Vip4).Any(i => i.From > moved && i.To < BootClock.Nanoseconds));
        Require("the gate is open on two hosts");

        began = BootClock.Nanoseconds;
        await topology.A.Run("ip", "addr", "add", $"{Topology.Vip4}/32", "dev", "eth0");
        await Eventually.Until("A answers for the VIP", Limit, () => observers.A.Answers.Answers.Count(a => a.Asked > began) > 10);
        Require("two hosts answer for the VIP");

        began = BootClock.Nanoseconds;
        using var second = Program(topology.A);
        await Eventually.Until("A's second program is seen", Limit, () => observers.A.Programs.Alive.Count > 0);
        Require("programs run on two hosts");
        onA.Dispose();
        onB.Dispose();
        return new("itself", "none", [new(measures, broken)]);

        void Require(string what)
        {
            if (!new Auditor(observers).Check(began, BootClock.Nanoseconds).Violations.Any(v => v.StartsWith(what, StringComparison.Ordinal)))
                broken.Add($"the auditor did not find: {what}");
        }

        async Task<LabProcess> Own(LabHost host)
        {
            await host.Run("nft", $"add element ip hagrpc leased {{ {Topology.Vip4} timeout 60s }}");
            await host.Run("ip", "addr", "add", $"{Topology.Vip4}/32", "dev", "eth0");
            return Program(host);
        }

        LabProcess Program(LabHost host) => LabProcess.Start("http", Path.Combine(host.Directory, "http.log"), host,
            new Dictionary<string, string> { ["HAGRPC_LAB_OBSERVER"] = $"{LabHost.Local}/observer.sock" },
            binaries, "http", "--port", "8080");
    }
}
