using System.CommandLine;
using System.Globalization;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl observe GROUP</c>: what hosts see of a group that somebody else runs, and what a hand-over would do. Nothing is touched.</summary>
internal static class ObserveCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var group = new Argument<string>("GROUP") { Description = "the group" };
        var command = new Command("observe", "Show what hosts see of a group that somebody else runs, and what a hand-over would do.") { group };
        runner.Attach(command, call => RunAsync(call, call.Parsed.GetRequiredValue(group)));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, string group)
    {
        var seen = await call.ControlPlane.Adoption.ObserveAsync(new() { Group = group }, call.Short).ConfigureAwait(false);
        if (call.Json)
            Json.Write(call.Out, ObservationJson.Of(group, seen), shapes => shapes.ObservationJson);
        else if (seen.Hosts.Count == 0)
            call.Out.Tell($"{group}: managed, with all its programs: there is nothing to hand over");
        else
            Print(call.Out, group, seen);
        return seen.Obstacles.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static void Print(TextWriter output, string group, ObserveResponse seen)
    {
        foreach (var host in seen.Hosts)
        {
            output.WriteLine(host.Host == seen.Host ? Speech.Of($"{host.Host}, the first owner") : host.Host);
            foreach (var program in host.Seen.Programs)
            {
                foreach (var process in program.Processes)
                {
                    output.Tell($"  {program.Program} is pid {process.Pid}: {process.Command}{Parent(process)}");
                }
                if (program.Problem.Length > 0)
                    output.WriteLine($"  {program.Program}: {program.Problem}");
                else if (program.Processes.Count == 0)
                    output.Tell($"  {program.Program} was not found");
            }
            foreach (var rival in host.Seen.Rivals)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {rival.Name} (pid {rival.Pid}): {rival.Advice}"));
            foreach (var line in host.Plan)
                output.WriteLine($"  -> {line}");
            output.WriteLine();
        }
        output.WriteLine(seen.Obstacles.Count == 0
            ? Speech.Of($"{group} can be handed over: hactl adopt {group}")
            : Speech.Of($"{group} cannot be handed over like this:"));
        foreach (var obstacle in seen.Obstacles)
            output.WriteLine($"  {obstacle}");
    }

    private static string Parent(V1.ObservedProcess process) => process switch
    {
        { Parent.Length: 0 } => "",
        { ParentRestarts: true, IsPiped: true } => Speech.Of($", child of {process.Parent} (pid {process.ParentPid}), which would start it again and reads its output"),
        { ParentRestarts: true } => Speech.Of($", child of {process.Parent} (pid {process.ParentPid}), which would start it again"),
        _ => Speech.Of($", child of {process.Parent} (pid {process.ParentPid})"),
    };
}
