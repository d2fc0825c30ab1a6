using System.CommandLine;
using HaGrpc.Ctl.Manifests;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl diff -f FILE|DIR|-</c>: what an apply would change, field by field, and what that restarts or stops where.</summary>
internal static class DiffCommand
{
    /// <summary>As diff(1): something differs.</summary>
    private const int Differs = 1;

    internal static Command Create(CommandRunner runner)
    {
        var files = ApplyCommand.Files();
        var prune = ApplyCommand.Prune("also what apply --prune would delete");
        var command = new Command("diff", "Show what an apply would change, and which programs it would restart where.") { files, prune };
        runner.Attach(command, call => RunAsync(call, ApplyCommand.Sources(call, files), call.Parsed.GetValue(prune)), whenRefused: ExitCode.BadInput);
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, IReadOnlyList<ManifestSource> sources, bool prune)
    {
        if (await ApplyCommand.SendAsync(call, sources, dryRun: true, prune).ConfigureAwait(false) is not (var manifest, var response))
            return ExitCode.BadInput;
        var registry = await call.ControlPlane.Registry.ExportAsync(new(), call.Short).ConfigureAwait(false);
        var changes = await ChangePreview.OfAsync(call, response.Changes, new(registry, manifest.Request)).ConfigureAwait(false);
        if (call.Json)
            Json.Write(call.Out, new DiffJson(changes), shapes => shapes.DiffJson);
        else
            ChangePreview.Print(changes, isPreview: true, call.Out);
        return changes.Count == 0 ? ExitCode.Done : Differs;
    }
}
