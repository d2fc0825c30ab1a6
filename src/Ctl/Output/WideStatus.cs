using System.Globalization;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>Programs with all that is known of them, in columns: <c>status -o wide</c>.</summary>
internal static class WideStatus
{
    internal static void Print(IReadOnlyList<ProgramLine> lines, TextWriter output, TimeProvider time)
    {
        if (lines.Count == 0)
            return;
        var table = new Table("PROGRAM", "STATE", "WANTED", "HOST", "PID", "SINCE", "EXIT", "PRIORITY", "DETAIL", "COMMAND");
        foreach (var line in lines)
        {
            var json = ProgramJson.Of(line, time);
            table.Add(
                StatusLines.Name(line),
                json.State,
                json.Desired,
                line.Host,
                json.Pid?.ToString(CultureInfo.InvariantCulture) ?? "",
                line.Status?.Since is { } since ? Times.Full(since, time)[..19] : "",
                json.ExitStatus?.ToString(CultureInfo.InvariantCulture) ?? "",
                json.Priority.ToString(CultureInfo.InvariantCulture),
                json.Detail,
                json.Command);
        }
        table.Print(output);
    }
}
