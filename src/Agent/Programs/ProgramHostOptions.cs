namespace HaGrpc.Agent.Programs;

/// <summary>What a <see cref="ProgramHost"/> needs to know about this host.</summary>
internal sealed record ProgramHostOptions
{
    /// <summary>The agent's run directory, absolute; must not survive a boot.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>Absolute path of <c>ha-shim</c>.</summary>
    public required string ShimPath { get; init; }

    /// <summary>The running boot (/proc/sys/kernel/random/boot_id).</summary>
    public required Guid BootId { get; init; }

    /// <summary>The host's name, which <c>%(host_node_name)s</c> stands for.</summary>
    public string HostName { get; init; } = Environment.MachineName;

    /// <summary>Where programs find Supervisor's contract on this host, for their <c>SUPERVISOR_SERVER_URL</c>; empty: it is not served.</summary>
    public string SupervisorUrl { get; init; } = "";

    /// <summary>False: never use cgroups, even where they are writable.</summary>
    public bool UseCgroups { get; init; } = true;

    /// <summary>The cgroup in which the agent makes its folder; null: its own, or the one above that was delegated to it.</summary>
    public string? CgroupParent { get; init; }

    /// <summary>How many programs of one priority level are spawned at once.</summary>
    public int ParallelStarts { get; init; } = 8;

    /// <summary>The deadline file of a group (rule W1).</summary>
    public string DeadlinePath(string group) => Path.Combine(RunDirectory, "groups", group, "deadline");
}
