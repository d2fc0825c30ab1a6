using System.CommandLine;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Watching;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl status [SELECTOR…]</c>: lines and exit codes as supervisorctl's.</summary>
internal static class StatusCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var selectors = Selectors.Argument();
        var verbose = new Option<bool>("--verbose", "-v") { Description = "also who wants what runs to run, since when and why" };
        var watch = WatchOption.Create();
        var command = new Command("status", "Show programs: state, pid, uptime, host.") { selectors, verbose, watch };
        runner.Attach(
            command,
            call => Watch.RunAsync(
                call, call.Parsed.GetValue(watch), c => RunAsync(c, c.Parsed.GetValue(selectors) ?? [], c.Parsed.GetValue(verbose)), Selectors.WithoutPatterns(call.Parsed.GetValue(selectors) ?? [])),
            ExitCode.StatusUnknown);
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, string[] selectors, bool verbose)
    {
        var chosen = await Selectors.ChooseAsync(call, selectors).ConfigureAwait(false);
        // None at all would be everything.
        var response = selectors.Length > 0 && chosen.Names.Length == 0 ? new()
            : await call.ControlPlane.Admin.ListProgramsAsync(new() { Selectors = { chosen.Names } }, call.Short).ConfigureAwait(false);
        response.Unmatched.AddRange(chosen.Unmatched);
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
            if (call.IsWide)
                WideStatus.Print(lines, call.Out, time);
            else
                StatusLines.Print(lines, call.Out, time, verbose);
            foreach (var name in response.Unmatched)
                call.Out.WriteLine($"{name}: ERROR ({Selectors.NothingOfThatName(name)})");
            if (lines.Length == 0 && selectors.Length == 0 && response.Limits.Length == 0)
                call.Say($"no programs are registered: 'hactl apply' registers them");
        }
        await Selectors.TellNearAsync(call, response.Unmatched).ConfigureAwait(false);
        // As supervisorctl: something that is down overrides a name that is unknown.
        if (lines.Any(StatusLines.IsDown))
            return ExitCode.NotUp;
        return response.Unmatched.Count > 0 ? ExitCode.StatusUnknown : ExitCode.Done;
    }
}
