using System.Globalization;

namespace HaGrpc.Linux.Processes;

/// <summary>A process as this boot knows it: a pid alone may have been given to another process since.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartTime">Field 22 of /proc/PID/stat (proc_pid_stat(5)): clock ticks since boot when it started.</param>
public readonly record struct ProcessIdentity(int Pid, long StartTime)
{
    /// <summary>No process.</summary>
    public static ProcessIdentity None => default;

    /// <summary>Reads <c>pid:start time</c>; <see cref="None"/> for anything else.</summary>
    public static ProcessIdentity Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? new ProcessIdentity(pid, start)
            : None;
    }

    /// <summary>True while exactly this process exists and is not a zombie.</summary>
    public bool IsAlive => Pid > 0 && ProcessStatus.TryRead(Pid, out var status)
        && status.StartTime == StartTime && !status.IsZombie;
}
