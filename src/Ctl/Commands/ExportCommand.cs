using System.CommandLine;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Manifests.Exporting;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl export [SELECTOR…]</c>: what is registered, as a manifest.</summary>
internal static class ExportCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var selectors = new Argument<string[]>("SELECTOR")
        {
            Description = "GROUP with its hosts and programs, GROUP:NAME or GROUP:* for programs alone, host/NAME; else everything",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var file = new Option<string?>("--out", "-o") { Description = "where the manifest goes; else standard output", HelpName = "FILE" };
        var revision = new Option<string?>("--revision") { Description = "what was registered then; hactl revisions lists them", HelpName = "N" };
        var command = new Command("export", "Write what is registered as a manifest that 'hactl apply' takes.") { selectors, file, revision };
        runner.Attach(command, call => RunAsync(
            call, call.Parsed.GetValue(selectors) ?? [], call.Parsed.GetValue(file), RollbackCommand.Number(call.Parsed.GetValue(revision))));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, string[] selectors, string? file, long revision)
    {
        var registry = await call.ControlPlane.Registry.ExportAsync(new() { Revision = revision }, call.Short).ConfigureAwait(false);
        var selection = ExportSelection.Of(selectors, registry);
        foreach (var unknown in selection.Unknown)
            call.Say(unknown);
        if (selection.Unknown.Count > 0)
            return ExitCode.Refused;
        var manifest = RegistryManifest.Of(registry, selection);
        foreach (var problem in manifest.Problems)
            call.Say(problem);
        if (file is null)
        {
            call.Out.Write(manifest.Text);
            return ExitCode.Done;
        }
        try
        {
            await File.WriteAllTextAsync(file, manifest.Text, call.Cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--out {file}: cannot be written: {error.Message}");
        }
        return ExitCode.Done;
    }
}
