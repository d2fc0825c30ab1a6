using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Comparison;

/// <summary>What a system keeps in memory on a host besides the programs that it runs there.</summary>
internal static class Footprint
{
    /// <summary>Proportional set size in KiB (smaps_rollup, proc(5)) of all processes in the host's network namespace except the lab's own
    /// and the lab's programs.</summary>
    public static long Kilobytes(LabHost host) =>
        ProcFile.InNamespace(host.NetworkNamespace)
            .Where(pid => pid != host.HolderPid && ProcFile.Command(pid) != "lab-program")
            .Sum(pid => ProcFile.Kilobytes(pid, "smaps_rollup", "Pss:"));
}
