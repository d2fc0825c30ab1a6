using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>Reads a shim's record of an end in the words of the core.</summary>
internal static class RecordedEnd
{
    // As a shell says it of a status out of range: what is shown has to be some number.
    private const int Unknown = 255;

    /// <summary>The end that a record describes.</summary>
    public static ProgramEnded Of(ShimRecord record) =>
        new(record.IsEndUnknown ? Unknown : record.ExitStatus, new BootInstant(record.EndedAt), CauseOf(record.Cause))
        {
            Breach = BreachOf(record.Breach),
            IsStatusUnknown = record.IsEndUnknown,
        };

    private static EndCause CauseOf(string cause) => cause switch
    {
        "stopped" => EndCause.Stopped,
        "deadline" => EndCause.Deadline,
        "killed" => EndCause.Killed,
        _ => EndCause.Own,
    };

    private static Breach BreachOf(string breach) => breach switch
    {
        "memory" => Breach.Memory,
        "hostmemory" => Breach.HostMemory,
        "pids" => Breach.Pids,
        "cpu" => Breach.CpuTime,
        "fsize" => Breach.FileSize,
        _ => Breach.None,
    };
}
