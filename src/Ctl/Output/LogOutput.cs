using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>How log files are shown. Each call of <see cref="Show"/> writes at most once.</summary>
internal abstract class LogOutput
{
    /// <summary>What follows comes from this host.</summary>
    internal abstract void Begin(LogsReached reached);

    /// <summary>A piece of a log; it may end inside a line.</summary>
    internal abstract void Show(LogText text);

    /// <summary>The line that was begun does not go on: the log ends here, or goes on elsewhere.</summary>
    /// <param name="program">Of this program; null for all logs.</param>
    /// <param name="channel">Of this channel.</param>
    internal abstract void Break(string? program, LogChannel channel);

    /// <summary>stdout or stderr.</summary>
    internal static string Word(LogChannel channel) => channel == LogChannel.Stderr ? "stderr" : "stdout";
}
