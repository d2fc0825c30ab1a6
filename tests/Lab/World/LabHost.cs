using System.Globalization;

namespace HaGrpc.Lab.World;

/// <summary>A machine of the lab: namespaces (network, host name, mounts) held open by a sleeping process.</summary>
internal sealed class LabHost : IDisposable
{
    private readonly LabProcess _holder;
    private readonly bool _ownProcesses;

    private LabHost(string name, int number, string directory, LabProcess holder, bool ownProcesses)
    {
        Name = name;
        Number = number;
        Directory = directory;
        _holder = holder;
        _ownProcesses = ownProcesses;
        HolderPid = ownProcesses ? ProcFile.Children(holder.Pid).Single() : holder.Pid;
        NetworkNamespace = ProcFile.Namespace(HolderPid, "net");
    }

    /// <summary>The same path on every host, another directory on each: <see cref="Directory"/>.</summary>
    public const string Local = "/run/lab/local";

    public string Name { get; }

    /// <summary>Last byte of its addresses.</summary>
    public int Number { get; }

    /// <summary>Where this machine's files are: run and state directories, logs, data of the programs.</summary>
    public string Directory { get; }

    /// <summary>Of a host with processes of its own it is process 1 there: with it, everything of the host ends.</summary>
    public int HolderPid { get; }

    public string Address => $"{Topology.Prefix4}.{Number}";

    public string Mac => $"02:00:00:00:00:{Number:x2}";

    public string NetworkNamespace { get; }

    /// <param name="name">Its host name.</param>
    /// <param name="number">Last byte of its addresses.</param>
    /// <param name="root">Of all hosts' directories.</param>
    /// <param name="isMachine">It has a boot id of its own: nobody on another host may conclude from /proc that a process of this one is
    /// gone, as he could on one machine.</param>
    /// <param name="ownProcesses">Who looks for processes there sees those of this host only. What is started in it is then a child of nsenter(1),
    /// whose pid is what the lab gets.</param>
    public static async Task<LabHost> Start(string name, int number, string root, bool isMachine = false, bool ownProcesses = false)
    {
        var directory = Path.Combine(root, name);
        System.IO.Directory.CreateDirectory(directory);
        System.IO.Directory.CreateDirectory(Local);
        var boot = "true";
        if (isMachine)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "boot_id"), $"{Guid.NewGuid()}\n");
            boot = $"mount --bind {directory}/boot_id /proc/sys/kernel/random/boot_id";
        }
        var holder = LabProcess.Start(
            $"host {name}", Path.Combine(directory, "holder.log"), null, new Dictionary<string, string>(),
            [
                "unshare", "--net", "--uts", "--mount", .. ownProcesses ? ["--pid", "--fork", "--kill-child", "--mount-proc"] : Array.Empty<string>(), "--", "sh", "-c",
                // Process 1 has to reap what its programs leave.
                $"hostname {name} && mount --bind {directory} {Local} && {boot} && exec {(ownProcesses ? "bash -c 'while :; do sleep 3600 & wait $!; done'" : "sleep infinity")}",
            ]);
        await Eventually.Until($"host {name} exists", TimeSpan.FromSeconds(60), () => ownProcesses
            ? ProcFile.Children(holder.Pid) is [var first] && ProcFile.Command(first) == "bash"
            : ProcFile.Command(holder.Pid) == "sleep");
        return new(name, number, directory, holder, ownProcesses);
    }

    /// <summary>Runs a command inside.</summary>
    public Task<string> Run(params string[] command) => Command.Run(Inside(command));

    public Task<string> Ip(string batch) => Command.Run(batch, Inside("ip", "-batch", "-"));

    /// <summary>The command line that runs a command inside.</summary>
    public string[] Inside(params string[] command) =>
        ["nsenter", "-t", HolderPid.ToString(CultureInfo.InvariantCulture), "-n", "-u", "-m", .. _ownProcesses ? ["-p"] : Array.Empty<string>(), "--", .. command];

    public void Dispose() => _holder.Dispose();
}
