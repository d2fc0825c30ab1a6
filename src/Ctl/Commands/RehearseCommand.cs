using System.CommandLine;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl rehearse GROUP [--to HOST]</c>: would a takeover work now? Nothing is moved.</summary>
internal static class RehearseCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var group = new Argument<string>("GROUP") { Description = "the group" };
        var to = new Option<string?>("--to") { Description = "only this host; else every member but the owner", HelpName = "HOST" };
        var command = new Command("rehearse", "Look whether a takeover would work now, without moving anything.") { group, to };
        runner.Attach(command, call => RunAsync(call, new()
        {
            Group = call.Parsed.GetRequiredValue(group),
            Host = call.Parsed.GetValue(to) ?? "",
        }));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, RehearseRequest request)
    {
        var done = await call.ControlPlane.Admin.RehearseAsync(request, call.Short).ConfigureAwait(false);
        if (call.Json)
            Json.Write(call.Out, RehearsalJson.Of(request.Group, done), shapes => shapes.RehearsalJson);
        else
            Print(call, request.Group, done);
        return done.Hosts.Any(h => h.Findings.Any(f => f.Verdict == Verdict.Fails)) ? ExitCode.Refused : ExitCode.Done;
    }

    private static void Print(CommandRunner.Call call, string group, RehearseResponse done)
    {
        var table = new Table("HOST", "VERDICT", "CHECK", "OF", "FOUND", "RIGHT WOULD BE");
        foreach (var host in done.Hosts)
        {
            foreach (var finding in host.Findings.OrderByDescending(f => f.Verdict))
                table.Add(host.Host, FindingJson.Word(finding.Verdict), finding.What, finding.Subject, finding.Value, finding.Right);
        }
        if (done.Hosts.Any(h => h.Findings.Count > 0))
        {
            table.Print(call.Out);
            call.Out.WriteLine();
        }
        foreach (var host in done.Hosts)
            call.Out.Tell($"{host.Host}: {Verdicts(group, host)}");
    }

    private static string Verdicts(string group, HostRehearsal host)
    {
        var failing = host.Findings.Count(f => f.Verdict == Verdict.Fails);
        var warnings = host.Findings.Count(f => f.Verdict == Verdict.Warning);
        var checks = host.Findings.Count;
        if (failing > 0)
        {
            return failing == 1 ? Speech.Of($"could not take {group} over now: {failing} of {Checks(checks)} fails")
                : Speech.Of($"could not take {group} over now: {failing} of {Checks(checks)} fail");
        }
        return warnings switch
        {
            0 => Speech.Of($"could take {group} over now: {Checks(checks)}"),
            1 => Speech.Of($"could take {group} over now: {Checks(checks)}, with a warning"),
            _ => Speech.Of($"could take {group} over now: {Checks(checks)}, with {warnings} warnings"),
        };
    }

    private static string Checks(int checks) => checks == 1 ? Speech.Of("1 check") : Speech.Of($"{checks} checks");
}
