using System.Globalization;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Linux.Shims;

/// <summary>
/// What a shim says of its program, in its files <c>state</c> and <c>exit</c> and on its socket: lines <c>key=value</c>, the last one
/// <c>end=</c>.
/// </summary>
/// <param name="Boot">Boot id that it belongs to.</param>
/// <param name="Instance">The instance that the agent named in the spec.</param>
/// <param name="State">starting, running, exited or failed.</param>
/// <param name="Shim">The shim.</param>
/// <param name="Program">The program's main process.</param>
/// <param name="StartedAt">When it was executed: CLOCK_BOOTTIME nanoseconds.</param>
/// <param name="EndedAt">When the main process ended: CLOCK_BOOTTIME nanoseconds.</param>
/// <param name="EndedWall">The same on the wall clock, nanoseconds since 1970.</param>
/// <param name="ExitStatus">Exit code, or minus the signal.</param>
/// <param name="Cause">own, stopped, deadline or killed.</param>
/// <param name="Step">The step of starting that failed; empty when none did.</param>
/// <param name="Error">errno of that step.</param>
/// <param name="Path">What that step was about.</param>
internal sealed record ShimRecord(
    string Boot,
    string Instance,
    string State,
    ProcessIdentity Shim,
    ProcessIdentity Program,
    long StartedAt,
    long EndedAt,
    long EndedWall,
    int ExitStatus,
    string Cause,
    string Step,
    int Error,
    string Path)
{
    /// <summary>Bytes of output that its log files did not take, since it began.</summary>
    public long Lost { get; init; }

    /// <summary>Why, the last time: an errno, or -1 when a write did not return.</summary>
    public int LostError { get; init; }

    /// <summary>Which output: stdout or stderr; empty when nothing was lost.</summary>
    public string LostOf { get; init; } = "";

    /// <summary>True while what comes is lost.</summary>
    public bool IsLosing { get; init; }

    /// <summary>What else could not be done with a log file, the last time: open, rotate or compress; empty for nothing.</summary>
    public string LogFault { get; init; } = "";

    /// <summary>Its errno, or 0.</summary>
    public int LogFaultError { get; init; }
    /// <summary>The limit that it came up against: memory, hostmemory, pids, cpu or fsize; empty for none.</summary>
    public string Breach { get; init; } = "";


    /// <summary>True when nobody but its parent, which is not the shim, knows how it ended.</summary>
    public bool IsEndUnknown { get; init; }

    /// <summary>True when the whole tree is gone.</summary>
    public bool IsOver => State is "exited" or "failed";

    /// <summary>Reads a record; null when it is cut short.</summary>
    public static ShimRecord? Parse(string text)
    {
        if (!text.EndsWith("end=\n", StringComparison.Ordinal))
            return null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            var at = line.IndexOf('=', StringComparison.Ordinal);
            if (at > 0)
                values[line[..at]] = line[(at + 1)..];
        }
        return new ShimRecord(
            Text("boot"),
            Text("instance"),
            Text("state"),
            Process("shim"),
            Process("program"),
            Number("started"),
            Number("ended"),
            Number("endedwall"),
            (int)(values.ContainsKey("signal") ? -Number("signal") : Number("code")),
            Text("cause"),
            Text("step"),
            (int)Number("errno"),
            Text("path"))
        {
            Lost = Number("lost"),
            LostError = (int)Number("losterrno"),
            LostOf = Text("lostof"),
            IsLosing = Number("losing") != 0,
            LogFault = Text("fault"),
            LogFaultError = (int)Number("faulterrno"),
            Breach = Text("breach"),
            IsEndUnknown = Number("unknown") != 0,
        };

        string Text(string key) => values.GetValueOrDefault(key, "");

        long Number(string key) =>
            long.TryParse(Text(key), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : 0;

        ProcessIdentity Process(string key) => ProcessIdentity.Parse(Text(key));
    }
}
