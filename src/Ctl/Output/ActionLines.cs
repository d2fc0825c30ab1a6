using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>supervisorctl's lines and exit codes of start, stop and restart.</summary>
internal static class ActionLines
{
    /// <summary>Prints one line for each result. As supervisorctl does, it is silent about programs of a group or of all
    /// that were in the wanted state before; one that was named itself is always told.</summary>
    /// <param name="results">In the order of the control plane.</param>
    /// <param name="selectors">What the operator named.</param>
    /// <param name="stop">True for stop, whose exit codes differ a little.</param>
    /// <param name="noWait">True when nobody waited on purpose: then a stored wish is success.</param>
    /// <param name="output">Takes the lines, errors too, as supervisorctl does.</param>
    /// <returns>The highest exit code of all, so that order does not matter.</returns>
    internal static int Print(
        IEnumerable<ProgramResult> results, string[] selectors, bool stop, bool noWait, TextWriter output)
    {
        var (code, ink) = (ExitCode.Done, Page.Of(output).Ink);
        var all = results.ToArray();
        // Of a program that runs on several members each is told with its host.
        var several = all.GroupBy(result => result.Name, StringComparer.Ordinal)
            .Where(one => one.DistinctBy(result => result.Host, StringComparer.Ordinal).Skip(1).Any())
            .Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var result in all)
        {
            var name = several.Contains(result.Name) ? $"{result.Name} on {result.Host}" : result.Name;
            if (!WasSoAlready(result) || selectors.Contains(result.Name, StringComparer.Ordinal))
                output.WriteLine($"{name}: {ink.Paint(Text(result), HueOf(result.Outcome))}");
            code = Math.Max(code, Code(result.Outcome, stop, noWait));
        }
        return code;
    }

    /// <summary>The exit code of one outcome.</summary>
    internal static int Code(ProgramOutcome outcome, bool stop, bool noWait) => outcome switch
    {
        ProgramOutcome.Started or ProgramOutcome.Stopped => ExitCode.Done,
        ProgramOutcome.AlreadyStarted or ProgramOutcome.NotRunning => ExitCode.Done,
        ProgramOutcome.Pending => noWait ? ExitCode.Done : ExitCode.NotRunning,
        ProgramOutcome.NoSuchProgram => ExitCode.Refused,
        ProgramOutcome.NoSuchGroup => stop ? ExitCode.Refused : ExitCode.BadInput,
        _ => ExitCode.NotRunning,
    };

    private static Hue HueOf(ProgramOutcome outcome) => outcome switch
    {
        ProgramOutcome.Started or ProgramOutcome.Stopped => Hue.Good,
        ProgramOutcome.Pending => Hue.Busy,
        ProgramOutcome.AlreadyStarted or ProgramOutcome.NotRunning => Hue.None,
        _ => Hue.Bad,
    };

    private static bool WasSoAlready(ProgramResult result) =>
        result.Outcome is ProgramOutcome.AlreadyStarted or ProgramOutcome.NotRunning;

    private static string Text(ProgramResult result) => result.Outcome switch
    {
        ProgramOutcome.Started => "started",
        ProgramOutcome.Stopped => "stopped",
        ProgramOutcome.AlreadyStarted => "ERROR (already started)",
        ProgramOutcome.NotRunning => "ERROR (not running)",
        ProgramOutcome.NoSuchProgram => "ERROR (no such process)",
        ProgramOutcome.NoSuchGroup => "ERROR (no such group)",
        ProgramOutcome.SpawnError => Error("spawn error", result.Detail),
        ProgramOutcome.AbnormalTermination => Error("abnormal termination", result.Detail),
        ProgramOutcome.Pending => result.Detail.Length > 0 ? $"pending ({result.Detail})" : "pending",
        _ => Error("unknown outcome", result.Detail),
    };

    // The detail stands behind supervisorctl's text, so that scripts that look for that still find it.
    private static string Error(string text, string detail) =>
        detail.Length > 0 ? $"ERROR ({text}): {detail}" : $"ERROR ({text})";
}
