using System.Globalization;

namespace HaGrpc.ControlPlane.Leader;

/// <summary>
/// Which process holds the leadership, as text in the database: enough to prove later, on the same machine, that it is
/// gone. Everything else is for the operator.
/// </summary>
/// <param name="Machine">Host name, for people.</param>
/// <param name="Pid">Process id inside its pid namespace.</param>
/// <param name="StartTicks">Field 22 of /proc/PID/stat: a pid that is used again has another one (proc(5)).</param>
/// <param name="PidNamespace">Inode of its pid namespace.</param>
/// <param name="BootId">Of its kernel.</param>
/// <param name="Id">Random: one process may run several control planes one after another, as tests do.</param>
internal sealed record ProcessIdentity(
    string Machine, long Pid, long StartTicks, string PidNamespace, Guid BootId, Guid Id)
{
    private const string PidNamespaceLink = "/proc/self/ns/pid";

    /// <summary>This process.</summary>
    public static ProcessIdentity Own()
    {
        var pid = (long)Environment.ProcessId;
        return new(
            Environment.MachineName,
            pid,
            ReadStat(pid)?.StartTicks ?? 0,
            new FileInfo(PidNamespaceLink).LinkTarget ?? "",
            Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), CultureInfo.InvariantCulture),
            Guid.NewGuid());
    }

    /// <summary>The text in the database.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Machine} pid {Pid} start {StartTicks} {PidNamespace} boot {BootId} id {Id}");

    /// <summary>
    /// True when the holder provably cannot act any more: it is this very identity (whose former leadership is over when
    /// it asks), or a process of this boot and pid namespace that does not exist any more. False is "not known".
    /// </summary>
    public bool KnowsToBeOver(string holder)
    {
        if (Parse(holder) is not { } other)
            return false;
        if (other.Id == Id)
            return true;
        if (other.BootId != BootId || other.PidNamespace != PidNamespace || other.StartTicks == 0 || !ProcIsOurs())
            return false;
        return ReadStat(other.Pid) is not { } stat || stat.StartTicks != other.StartTicks || stat.State is 'Z' or 'X';
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is something else.</summary>
    public static ProcessIdentity? Parse(string holder)
    {
        var words = holder.Split(' ');
        return words is [var machine, "pid", var pid, "start", var start, var space, "boot", var boot, "id", var id]
            && long.TryParse(pid, CultureInfo.InvariantCulture, out var pidNumber)
            && long.TryParse(start, CultureInfo.InvariantCulture, out var startTicks)
            && Guid.TryParse(boot, out var bootId)
            && Guid.TryParse(id, out var unique)
            ? new(machine, pidNumber, startTicks, space, bootId, unique)
            : null;
    }

    // A process may sit in a new pid namespace with the old one's /proc mounted: then its numbers mean others.
    private static bool ProcIsOurs() =>
        new DirectoryInfo("/proc/self").LinkTarget == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private static (char State, long StartTicks)? ReadStat(long pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // The name may hold spaces and parentheses.
            return (fields[0][0], long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException) // ESRCH: it ended between open and read.
        {
            return null;
        }
    }
}
