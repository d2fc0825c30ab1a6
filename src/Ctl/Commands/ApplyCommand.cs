using System.CommandLine;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Manifests;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl apply -f FILE|DIR|-</c>: everything or nothing, every mistake at once.</summary>
internal static class ApplyCommand
{
    /// <summary>How long a refused manifest's references may take to be checked as well.</summary>
    private static readonly TimeSpan ReferencePatience = TimeSpan.FromSeconds(3);

    internal static Command Create(CommandRunner runner)
    {
        var files = Files();
        var dryRun = new Option<bool>("--dry-run") { Description = "validate and show what would change; store nothing" };
        var prune = Prune("delete what is registered and no manifest names: groups end first");
        var reason = Reason();
        var command = new Command("apply", "Register hosts, groups and programs: all or nothing.") { files, dryRun, prune, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, call =>
            RunAsync(call, Sources(call, files), call.Parsed.GetValue(dryRun), call.Parsed.GetValue(prune), guard.Of(call.Parsed), call.Parsed.GetValue(reason)));
        return command;
    }

    /// <summary>Why something is registered or changed.</summary>
    internal static Option<string?> Reason() => new("--reason") { Description = "kept in the revisions and the audit", HelpName = "TEXT" };

    /// <summary>The option that names manifests.</summary>
    internal static Option<string[]> Files() => new("--file", "-f")
    {
        Description = "manifest, directory of *.yaml and *.yml, or - for standard input; may be repeated",
        HelpName = "FILE|DIR|-",
        Required = true,
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>The option for which the manifests are all that is to be registered.</summary>
    internal static Option<bool> Prune(string description) => new("--prune") { Description = description };

    /// <summary>What that option names, read.</summary>
    internal static IReadOnlyList<ManifestSource> Sources(CommandRunner.Call call, Option<string[]> files) =>
        ManifestSource.ReadAll(call.Parsed.GetRequiredValue(files), call.Surroundings.In);

    /// <summary>Registers what manifests say, or shows what would change.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(
        CommandRunner.Call call, IReadOnlyList<ManifestSource> sources, bool dryRun, bool prune = false, GuardChoice? choice = null, string? reason = null)
    {
        if (await SendAsync(call, sources, dryRun, prune, choice, reason).ConfigureAwait(false) is not (_, var response))
            return ExitCode.BadInput;
        if (call.Json)
            Json.Write(call.Out, ApplyJson.Of(dryRun, response.Changes, []), shapes => shapes.ApplyJson);
        else
            PrintChanges(response.Changes, dryRun, call.Out);
        return ExitCode.Done;
    }

    /// <summary>Reads manifests and sends them.</summary>
    /// <returns>What was read and the answer; null when there were errors, which are told then.</returns>
    internal static async Task<(Manifest Manifest, ApplyResponse Response)?> SendAsync(
        CommandRunner.Call call, IReadOnlyList<ManifestSource> sources, bool dryRun, bool prune = false, GuardChoice? choice = null, string? reason = null)
    {
        var manifest = ManifestReader.Read(sources);
        manifest.Validate(stored: null);
        if (manifest.HasErrors)
        {
            Refuse(call, manifest, dryRun, await AddReferencesAsync(call, manifest, prune).ConfigureAwait(false));
            return null;
        }
        (manifest.Request.DryRun, manifest.Request.Prune, manifest.Request.Reason) = (dryRun, prune, reason ?? "");
        var response = await GuardedCall.RunAsync(
            call, choice ?? new(null, null, Wait: false), prune && !dryRun ? new() { Apply = manifest.Request } : null, () => call.Short,
            async options => await call.ControlPlane.Admin.ApplyAsync(manifest.Request, options).ConfigureAwait(false)).ConfigureAwait(false);
        manifest.AddErrors(response.Errors.Select(error => error.ToModel()));
        if (!manifest.HasErrors)
            return (manifest, response);
        Refuse(call, manifest, dryRun, note: null);
        return null;
    }

    /// <summary>Nothing will be sent, but an unknown host or program should be told together with the rest: ask what there is.</summary>
    /// <returns>What could not be checked; null when everything was.</returns>
    private static async Task<string?> AddReferencesAsync(CommandRunner.Call call, Manifest manifest, bool prune)
    {
        // What would be pruned is nothing that a manifest can refer to.
        if (prune)
        {
            manifest.ValidateReferences(ModelSet.Empty);
            return null;
        }
        try
        {
            var admin = call.ControlPlane.Admin;
            var hosts = await admin.ListHostsAsync(new(), call.Within(ReferencePatience)).ConfigureAwait(false);
            var groups = await admin.ListGroupsAsync(new(), call.Within(ReferencePatience)).ConfigureAwait(false);
            var programs = await admin.ListProgramsAsync(new(), call.Within(ReferencePatience)).ConfigureAwait(false);
            manifest.ValidateReferences(new(
                [.. hosts.Hosts.Select(host => host.Host.ToModel())],
                [.. groups.Groups.Select(group => group.Group.ToModel())],
                // One that several members run has a line for each.
                [.. programs.Programs.Select(line => line.Program.ToModel()).DistinctBy(program => program.Name)]));
            return null;
        }
        catch (RpcException failure) when (!call.Cancellation.IsCancellationRequested)
        {
            return Speech.Of($"what the manifest refers to outside of itself was not checked: {failure.Status.StatusCode} from {call.ControlPlane.Endpoint.Url}");
        }
    }

    private static void Refuse(CommandRunner.Call call, Manifest manifest, bool dryRun, string? note)
    {
        var errors = manifest.Errors;
        if (call.Json)
            Json.Write(call.Out, ApplyJson.Of(dryRun, [], errors), shapes => shapes.ApplyJson);
        foreach (var error in errors)
            call.Surroundings.Error.WriteLine(error);
        if (note is not null)
            call.Surroundings.Error.Tell($"hactl: {note}");
        call.Say(errors.Count == 1 ? Speech.Of("1 error, nothing was applied") : Speech.Of($"{errors.Count} errors, nothing was applied"));
    }

    private static void PrintChanges(IEnumerable<Change> changes, bool dryRun, TextWriter output)
    {
        foreach (var change in changes)
        {
            output.WriteLine(ChangeWords.Line(change.Object, ApplyJson.Word(change.Kind), dryRun, ChangeWords.Restart(change.RestartedFor, "", dryRun)));
        }
    }
}
