using System.CommandLine;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl status [SELECTOR…]</c>: lines and exit codes as supervisorctl's.</summary>
internal static class StatusCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var selectors = Selectors.Argument();
        var verbose = new Option<bool>("--verbose", "-v") { Description = "also who wants what runs to run, since when and why" };
        var command = new Command("status", "Show programs: state, pid, uptime, host.") { selectors, verbose };
        runner.Attach(
            command,
            call => RunAsync(call, call.Parsed.GetValue(selectors) ?? [], call.Parsed.GetValue(verbose)),
            ExitCode.StatusUnknown);
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, string[] selectors, bool verbose)
    {
        var request = new ListProgramsRequest { Selectors = { selectors } };
        var response = await call.ControlPlane.Admin.ListProgramsAsync(request, call.Short).ConfigureAwait(false);
        call.Say(response.Limits);
        var lines = response.Programs
            .OrderBy(line => line.Program.Group, StringComparer.Ordinal)
            .ThenBy(line => line.Program.Name, StringComparer.Ordinal)
            .ToArray();
        var time = call.Surroundings.Time;
        if (call.Json)
        {
            Json.Write(call.Out, StatusJson.Of(lines, response.Unmatched, time), shapes => shapes.StatusJson);
        }
        else
        {
            StatusLines.Print(lines, call.Out, time, verbose);
            foreach (var name in response.Unmatched)
                call.Out.WriteLine($"{name}: ERROR ({Selectors.NothingOfThatName(name)})");
        }
        // As supervisorctl: something that is down overrides a name that is unknown.
        if (lines.Any(StatusLines.IsDown))
            return ExitCode.NotUp;
        return response.Unmatched.Count > 0 ? ExitCode.StatusUnknown : ExitCode.Done;
    }
}
