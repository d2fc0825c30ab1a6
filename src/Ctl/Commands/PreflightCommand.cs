using System.CommandLine;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl preflight GROUP</c>: a checklist for every member, before a group is handed over or unlocked.</summary>
internal static class PreflightCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var group = new Argument<string>("GROUP") { Description = "the group" };
        var command = new Command("preflight", "Check on every member what a group needs, before it is handed over or unlocked.") { group };
        runner.Attach(command, call => RunAsync(call, call.Parsed.GetRequiredValue(group)));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, string group)
    {
        var done = await call.ControlPlane.Adoption.PreflightAsync(new() { Group = group }, call.Short).ConfigureAwait(false);
        if (call.Json)
            Json.Write(call.Out, PreflightJson.Of(group, done), shapes => shapes.PreflightJson);
        else
            Print(call.Out, done);
        return done.Hosts.Any(h => Count(h, Verdict.Fails) > 0) ? ExitCode.Refused : ExitCode.Done;
    }

    private static void Print(TextWriter output, PreflightResponse done)
    {
        foreach (var host in done.Hosts)
        {
            output.WriteLine(host.Host);
            foreach (var finding in host.Findings.OrderByDescending(f => f.Verdict))
            {
                output.WriteLine($"  {Word(finding.Verdict),-8}{finding.What,-11}{finding.Subject}: {finding.Value}");
                if (finding.Right.Length > 0)
                    output.WriteLine($"          {"",-11}-> {finding.Right}");
            }
            output.WriteLine();
        }
        foreach (var host in done.Hosts)
        {
            output.Tell($"{host.Host}: {Count(host, Verdict.Ok)} ok, {Count(host, Verdict.Warning)} to look at, {Count(host, Verdict.Fails)} failed");
        }
    }

    private static int Count(HostRehearsal host, Verdict verdict) => host.Findings.Count(f => f.Verdict == verdict);

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Warning => "warning",
        _ => "FAILED",
    };
}
