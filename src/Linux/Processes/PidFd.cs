namespace HaGrpc.Linux.Processes;

/// <summary>A process descriptor (pidfd_open(2)): becomes readable when the process ends, whoever its parent is.</summary>
internal sealed unsafe class PidFd : IDisposable
{
    private const int SysPidFdOpen = 434, SysPidFdSendSignal = 424;
    // PIDFD_GET_INFO for struct pidfd_info of 64 bytes, and PIDFD_INFO_EXIT (linux/pidfd.h, since Linux 6.15).
    private const nuint GetInfo = 0xC040FF0B;
    private const ulong InfoExit = 8;

    private PidFd(int fd, ProcessIdentity process) => (Descriptor, Process) = (fd, process);

    /// <summary>To be polled for input.</summary>
    public int Descriptor { get; private set; }

    /// <summary>The process.</summary>
    public ProcessIdentity Process { get; }

    /// <summary>Opens a process; null when it is over.</summary>
    public static PidFd? TryOpen(int pid)
    {
        var fd = pid > 0 ? (int)Libc.syscall(SysPidFdOpen, pid, 0, 0, 0) : -1;
        if (fd < 0)
            return null;
        _ = Libc.fcntl(fd, 2, 1); // FD_CLOEXEC, which pidfd_open sets by itself
        if (ProcessStatus.TryRead(pid, out var status))
            return new PidFd(fd, new ProcessIdentity(pid, status.StartTime));
        _ = Libc.close(fd);
        return null;
    }

    /// <summary>Opens exactly this process; null when it is over.</summary>
    public static PidFd? TryOpen(ProcessIdentity process)
    {
        var opened = process.Pid > 0 ? TryOpen(process.Pid) : null;
        if (opened is null || opened.Process == process)
            return opened;
        opened.Dispose();
        return null;
    }

    /// <summary>Collects it if it is a child of this process and has ended; a stranger is left alone.</summary>
    public void Reap()
    {
        var info = stackalloc byte[128];
        _ = Libc.waitid(Libc.P_PIDFD, Descriptor, info, Libc.WEXITED | Libc.WNOHANG);
    }

    /// <summary>Sends it a signal: it and no other that has got its number since.</summary>
    public void Signal(int signal) => _ = Libc.syscall(SysPidFdSendSignal, Descriptor, signal, 0, 0);

    /// <summary>Its wait status, also when it is nobody's child here, once its parent has collected it.</summary>
    /// <returns>False when this kernel does not tell, or not yet.</returns>
    public bool TryReadEnd(out int status)
    {
        // struct pidfd_info: mask, cgroup id, eleven ids, exit code.
        var info = stackalloc ulong[8];
        new Span<ulong>(info, 8).Clear();
        info[0] = InfoExit;
        status = 0;
        if (Libc.ioctl(Descriptor, GetInfo, info) != 0 || (info[0] & InfoExit) == 0)
            return false;
        status = ((int*)info)[15];
        return true;
    }

    /// <summary>SIGKILLs a child of this process that has not done anything yet, and collects it.</summary>
    public void KillNewChild()
    {
        var info = stackalloc byte[128];
        _ = Libc.kill(Process.Pid, Libc.SIGKILL);
        _ = Libc.waitid(Libc.P_PIDFD, Descriptor, info, Libc.WEXITED);
    }

    /// <summary>Closes the descriptor.</summary>
    public void Dispose()
    {
        if (Descriptor >= 0)
            _ = Libc.close(Descriptor);
        Descriptor = -1;
    }
}
