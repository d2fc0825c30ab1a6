namespace HaGrpc.Linux.Processes;

/// <summary>A process as this boot knows it: a pid alone may have been given to another process since.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartTime">Field 22 of /proc/PID/stat (proc_pid_stat(5)): clock ticks since boot when it started.</param>
public readonly record struct ProcessIdentity(int Pid, long StartTime)
{
    /// <summary>No process.</summary>
    public static ProcessIdentity None => default;

    /// <summary>True while exactly this process exists and is not a zombie.</summary>
    public bool IsAlive => Pid > 0 && ProcessStatus.TryRead(Pid, out var status)
        && status.StartTime == StartTime && !status.IsZombie;
}
