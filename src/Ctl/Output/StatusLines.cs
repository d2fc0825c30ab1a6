using System.Globalization;
using HaGrpc.Core.Access;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>
/// supervisorctl's status lines, with the host at the end: <c>"%-{W}s%-10s%s"</c>, W = max(30, longest name) + 3. Unlike
/// there a name is always <c>group:name</c>, since <c>web</c> alone selects the whole group here.
/// </summary>
internal static class StatusLines
{
    /// <summary>Columns of a state, with one that stays free at the end of a row.</summary>
    private const int States = 11;

    internal static void Print(IReadOnlyList<ProgramLine> lines, TextWriter output, TimeProvider time, bool verbose = false)
    {
        var ink = Page.Of(output).Ink;
        var names = lines.Select(line => Name(line)).ToArray();
        var width = WidthOf(names, Page.Of(output).Columns);
        for (var i = 0; i < lines.Count; i++)
        {
            var description = string.Join(", ", new[] { Description(lines[i], time), Detail(lines[i]), Host(lines[i]), Origin(lines[i], time, verbose) }.Where(p => p.Length > 0));
            var state = $"{StateName(lines[i]),-10}";
            output.WriteLine($"{TextWidth.CutFront(names[i], width - 1).PadRight(width)}{ink.Paint(state, StateHue.Of(StateName(lines[i])))}{description}".TrimEnd());
        }
    }

    // Where lines are cut off, names give way to states: of a long one its end is left, which is the program's.
    private static int WidthOf(string[] names, int columns)
    {
        var longest = names.Select(name => name.Length).DefaultIfEmpty().Max();
        var usual = Math.Max(30, longest) + 3;
        return columns == 0 || usual + States <= columns ? usual : Math.Min(longest + 2, Math.Max(12, columns - States));
    }

    internal static string Name(ProgramLine line) => $"{line.Program.Group}:{line.Program.Name}";

    /// <summary>Never reported anywhere is STOPPED, as in Supervisor.</summary>
    internal static ProgramState State(ProgramLine line) => Known(line.Status?.State ?? ProgramState.Unspecified);

    internal static string StateName(ProgramLine line) => StateName(line.Status?.State ?? ProgramState.Unspecified);

    /// <summary>As people and machines read a state.</summary>
    internal static string StateName(ProgramState state) => Known(state).ToString().ToUpperInvariant();

    private static ProgramState Known(ProgramState state) => state == ProgramState.Unspecified ? ProgramState.Stopped
        : Enum.IsDefined(state) ? state
        : ProgramState.Unknown;

    /// <summary>True for supervisorctl's STOPPED_STATES, which make status exit with 3.</summary>
    internal static bool IsDown(ProgramLine line) =>
        State(line) is ProgramState.Stopped or ProgramState.Exited or ProgramState.Fatal or ProgramState.Unknown;

    internal static string Description(ProgramLine line, TimeProvider time)
    {
        var status = line.Status;
        return State(line) switch
        {
            ProgramState.Running => string.Create(CultureInfo.InvariantCulture, $"pid {status!.Pid}") +
                (status.Since is null ? "" : $", uptime {Times.Uptime(time.GetUtcNow() - status.Since.ToDateTimeOffset())}"),
            ProgramState.Observed => status is { Pid: > 0 } ? string.Create(CultureInfo.InvariantCulture, $"pid {status.Pid}") : status!.Detail,
            ProgramState.Fatal or ProgramState.Backoff =>
                status!.Detail.Length > 0 ? status.Detail : "unknown error (see its log file)",
            ProgramState.Stopped or ProgramState.Exited =>
                status?.Since is null ? "Not started" : Times.Supervisor(status.Since, time),
            _ => status?.Detail ?? "",
        };
    }

    /// <summary>What there is to say of a state that a time or a pid describes: why it ended, that it is not ready yet, which limits do not hold.</summary>
    private static string Detail(ProgramLine line) =>
        State(line) is ProgramState.Running or ProgramState.Stopped or ProgramState.Exited ? line.Status?.Detail ?? "" : "";

    /// <summary>Who wants it stopped, since when and why; verbose also who wants it to run.</summary>
    private static string Origin(ProgramLine line, TimeProvider time, bool verbose)
    {
        if (line.Desired is not { By.Length: > 0 } origin)
            return "";
        var isStopped = line.Program.DesiredState == DesiredState.Stopped;
        // What is only still to stop is told as what it is: wanted.
        var word = !isStopped ? verbose ? "wanted to run by" : "" : State(line) is ProgramState.Stopped or ProgramState.Exited ? "by" : "stopped by";
        if (word.Length == 0)
            return "";
        var since = origin.At is null ? "" : $" {Times.Ago(time.GetUtcNow() - origin.At.ToDateTimeOffset())} ago";
        var reason = origin.Reason.Length > 0 ? $": {origin.Reason}" : "";
        return $"{word} {ActorName.Shown(origin.By)}{since}{reason}";
    }

    private static string Host(ProgramLine line) => line.Host.Length > 0 ? $"host {line.Host}" : "no owner";
}
