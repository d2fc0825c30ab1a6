using System.Globalization;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Comparison;

/// <summary>
/// keepalived and supervisord on one host, configured by the files beside this one. The unit of the distribution restarts neither
/// keepalived after a kill, so nothing here does.
/// </summary>
internal sealed class KeepalivedHost(LabHost host, string configuration, int priority, string labProgram) : IStartable, IDisposable
{
    private LabProcess? _keepalived;
    private LabProcess? _supervisord;

    public string Name => $"keepalived of {host.Name}";

    public LabProcess Process => _keepalived ?? throw new InvalidOperationException($"{Name} does not run");

    public bool Runs => _keepalived is { HasExited: false };

    /// <summary>What the notify script was told last: MASTER, BACKUP, FAULT or STOP; empty before the first.</summary>
    public string State => File.Exists(StateFile) ? File.ReadAllText(StateFile).Trim() : "";

    /// <summary>A notify script is under way.</summary>
    public bool IsNotified => Inhabitants().Any(pid => ProcFile.Command(pid) is "notify.sh" or "supervisorctl");

    /// <summary>The process that speaks VRRP: keepalived's child.</summary>
    public int VrrpPid => int.Parse(
        File.ReadAllText($"/proc/{Process.Pid}/task/{Process.Pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
        CultureInfo.InvariantCulture);

    private string StateFile => Path.Combine(host.Directory, "role");

    /// <summary>Ends whatever runs on the host, takes its address away and starts supervisord anew, without keepalived.</summary>
    public async Task Reset()
    {
        Dispose();
        await Eventually.Until($"nothing runs on {host.Name}", TimeSpan.FromSeconds(10), () => Inhabitants().Count == 0);
        await host.Run("sh", "-c",
            $"ip addr del {Topology.Vip4}/32 dev eth0 2>/dev/null; rm -f {LabHost.Local}/role {LabHost.Local}/*.pid");
        await FormerFiles.Write(host, configuration, priority, labProgram);
        _supervisord = LabProcess.Start($"supervisord of {host.Name}", Path.Combine(host.Directory, "supervisord.out"), host,
            new Dictionary<string, string>(), "supervisord", "-n", "-c", $"{LabHost.Local}/supervisord.conf");
        await Eventually.Until($"supervisord of {host.Name} answers", TimeSpan.FromSeconds(20),
            () => File.Exists(Path.Combine(host.Directory, "supervisor.sock")), () => LabCluster.Tail(host, "supervisord.out"));
    }

    public void Start()
    {
        _keepalived?.Dispose();
        _keepalived = LabProcess.Start(Name, Path.Combine(host.Directory, "keepalived.log"), host, new Dictionary<string, string>(),
            "keepalived", "--dont-fork", "--vrrp", "--log-console", "--log-detail", "--use-file", $"{LabHost.Local}/keepalived.conf",
            "--pid", $"{LabHost.Local}/keepalived.pid", "--vrrp_pid", $"{LabHost.Local}/vrrp.pid");
    }

    /// <summary>kill -9 of all of keepalived: the parent is held first, so that it does not restart its child.</summary>
    public async Task KillAll()
    {
        var vrrp = VrrpPid;
        Process.Signal(Libc.SigStop);
        Libc.Check(Libc.Kill(vrrp, Libc.SigKill), "kill(vrrp)");
        Process.Signal(Libc.SigKill);
        await Process.WaitForExit(TimeSpan.FromSeconds(5));
    }

    public void Dispose()
    {
        Sweep();
        _keepalived?.Dispose();
        _keepalived = null;
        _supervisord?.Dispose();
        _supervisord = null;
    }

    private void Sweep()
    {
        foreach (var pid in Inhabitants())
        {
            _ = Libc.Kill(pid, Libc.SigKill);
            _ = Libc.Kill(pid, Libc.SigCont);
        }
    }

    private List<int> Inhabitants() => ProcFile.InNamespace(host.NetworkNamespace).Where(pid => pid != host.HolderPid).ToList();
}
