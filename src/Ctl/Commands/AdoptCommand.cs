using System.CommandLine;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl adopt GROUP[:PROGRAM]…</c>: takes over what runs already, without stopping it.</summary>
internal static class AdoptCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var names = new Argument<string[]>("NAME")
        {
            Description = "GROUP for all of it that is observed, or GROUP:PROGRAM for some; of one group",
            Arity = ArgumentArity.OneOrMore,
        };
        var host = new Option<string?>("--host") { Description = "the first owner; else the host that has the most of it", HelpName = "HOST" };
        var force = new Option<bool>("--force") { Description = "also processes whose former supervisor is alive" };
        var dryRun = new Option<bool>("--dry-run") { Description = "only say what would be done" };
        var reason = new Option<string?>("--reason") { Description = "kept in the history", HelpName = "TEXT" };
        var command = new Command("adopt", "Take over what somebody else runs, without stopping it.") { names, host, force, dryRun, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, call =>
        {
            var request = RequestOf(call.Parsed.GetRequiredValue(names));
            request.Host = call.Parsed.GetValue(host) ?? "";
            request.Force = call.Parsed.GetValue(force);
            request.DryRun = call.Parsed.GetValue(dryRun);
            request.Reason = call.Reason(call.Parsed.GetValue(reason), "adopt");
            return RunAsync(call, request, guard.Of(call.Parsed));
        });
        return command;
    }

    private static AdoptRequest RequestOf(string[] names)
    {
        var groups = names.Select(name => name.Split(':')[0]).Distinct(StringComparer.Ordinal).ToArray();
        if (groups.Length > 1)
            throw new Connection.UsageException($"{string.Join(" and ", groups)} are handed over one after the other: name one group");
        var request = new AdoptRequest { Group = groups[0] };
        // The group itself, or GROUP:*, is all of it.
        if (names.All(name => name.Contains(':', StringComparison.Ordinal) && !name.EndsWith(":*", StringComparison.Ordinal)))
            request.Programs.AddRange(names.Select(name => name[(groups[0].Length + 1)..]));
        return request;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, AdoptRequest request, GuardChoice choice)
    {
        var done = await GuardedCall.RunAsync(
            call, choice, request is { Force: true, DryRun: false } ? new() { Adopt = request } : null, () => call.Patient,
            async options => await call.ControlPlane.Adoption.AdoptAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false);
        if (call.Json)
            Json.Write(call.Out, AdoptionJson.Of(request, done), shapes => shapes.AdoptionJson);
        else
            Print(call.Out, request, done);
        return ExitCode.Done;
    }

    private static void Print(TextWriter output, AdoptRequest request, AdoptResponse done)
    {
        output.WriteLine(request.DryRun
            ? Speech.Of($"{request.Group}: would be handed over on {done.Host}")
            : Speech.Of($"{request.Group}: {done.Host} owns it, epoch {done.Epoch}"));
        foreach (var address in done.Addresses)
            output.WriteLine(request.DryRun ? Speech.Of($"  {address}: would stay where it is") : Speech.Of($"  {address}: stays where it is"));
        foreach (var program in done.Programs)
            output.WriteLine($"  {program.Name}: {program.Outcome}");
        foreach (var name in done.Remaining)
            output.Tell($"  {name}: still only observed");
        if (!request.DryRun)
            output.Tell($"{request.Group} stays there until hactl unlock {request.Group}; before that: hactl preflight {request.Group}");
    }
}
