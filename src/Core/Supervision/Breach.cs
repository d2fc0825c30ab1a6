namespace HaGrpc.Core.Supervision;

/// <summary>The limit that an instance came up against, as its shim saw it.</summary>
public enum Breach
{
    /// <summary>None, or nobody can tell.</summary>
    None,

    /// <summary>The kernel killed processes of it because all of them together were over their limit of memory.</summary>
    Memory,

    /// <summary>The kernel killed processes of it because the host, or a cgroup around it, was out of memory.</summary>
    HostMemory,

    /// <summary>The kernel refused it a process or thread: it had as many as it may have.</summary>
    Pids,

    /// <summary>Its main process had used all the processor time of its limit <c>cpu</c> (SIGXCPU, or SIGKILL at the hard limit).</summary>
    CpuTime,

    /// <summary>Its main process wrote a file beyond its limit <c>fsize</c> (SIGXFSZ).</summary>
    FileSize,
}
