using System.Globalization;

namespace HaGrpc.Lab.World;

/// <summary>A machine of the lab: namespaces (network, host name, mounts) held open by a sleeping process.</summary>
internal sealed class LabHost : IDisposable
{
    private readonly LabProcess _holder;

    private LabHost(string name, int number, string directory, LabProcess holder)
    {
        Name = name;
        Number = number;
        Directory = directory;
        _holder = holder;
        NetworkNamespace = ProcFile.Namespace(holder.Pid, "net");
    }

    /// <summary>The same path on every host, another directory on each: <see cref="Directory"/>.</summary>
    public const string Local = "/run/lab/local";

    public string Name { get; }

    /// <summary>Last byte of its addresses.</summary>
    public int Number { get; }

    /// <summary>Where this machine's files are: run and state directories, logs, data of the programs.</summary>
    public string Directory { get; }

    public int HolderPid => _holder.Pid;

    public string Address => $"{Topology.Prefix4}.{Number}";

    public string Mac => $"02:00:00:00:00:{Number:x2}";

    public string NetworkNamespace { get; }

    /// <param name="name">Its host name.</param>
    /// <param name="number">Last byte of its addresses.</param>
    /// <param name="root">Of all hosts' directories.</param>
    /// <param name="isMachine">It has a boot id of its own: nobody on another host may conclude from /proc that a process of this one is
    /// gone, as he could on one machine.</param>
    public static async Task<LabHost> Start(string name, int number, string root, bool isMachine = false)
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
            "unshare", "--net", "--uts", "--mount", "--", "sh", "-c", $"hostname {name} && mount --bind {directory} {Local} && {boot} && exec sleep infinity");
        await Eventually.Until($"host {name} exists", TimeSpan.FromSeconds(10), () =>
            File.ReadAllText($"/proc/{holder.Pid}/comm").Trim() == "sleep");
        return new(name, number, directory, holder);
    }

    /// <summary>Runs a command inside.</summary>
    public Task<string> Run(params string[] command) => Command.Run(Inside(command));

    public Task<string> Ip(string batch) => Command.Run(batch, Inside("ip", "-batch", "-"));

    /// <summary>The command line that runs a command inside.</summary>
    public string[] Inside(params string[] command) =>
        ["nsenter", "-t", HolderPid.ToString(CultureInfo.InvariantCulture), "-n", "-u", "-m", "--", .. command];

    public void Dispose() => _holder.Dispose();
}
