using System.CommandLine;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Import;
using HaGrpc.Ctl.Import.Hosts;
using HaGrpc.Ctl.Import.Keepalived;
using HaGrpc.Ctl.Import.ProgramIni;
using HaGrpc.Ctl.Import.Supervisor;
using HaGrpc.Ctl.Manifests;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl import</c>: a manifest from the configuration of Supervisor, keepalived, or a whole host that ran both
/// (docs/reference/import.md).</summary>
internal static class ImportCommand
{
    internal static Command Create(CommandRunner runner) => new("import", "Make a manifest of what ran before: to be reviewed, or applied at once.")
    {
        Source(runner, "supervisor", "Programs of supervisord.conf and what it includes.", "FILE|DIR", Supervisor),
        Source(runner, "keepalived", "Groups, VIPs, routes and scripts of keepalived.conf.", "FILE", Keepalived),
        Source(runner, "program-ini", "Programs from their information cards, program.ini.", "FILE", ProgramIni),
        Source(runner, "host", "The copy of a whole host's configuration: keepalived, Supervisor, the peer's programs.", "DIR", Host),
    };

    private static ImportTarget Supervisor(string[] files, ImportTarget target, ImportedManifest manifest)
    {
        SupervisorImport.Run(files, target, manifest);
        return target;
    }

    private static ImportTarget Keepalived(string[] files, ImportTarget target, ImportedManifest manifest)
    {
        KeepalivedImport.Run(files, new TheirOwnPlaces(), target, manifest);
        return target;
    }

    private static ImportTarget ProgramIni(string[] files, ImportTarget target, ImportedManifest manifest)
    {
        CardImport.Run(files, target, manifest);
        return target;
    }

    private static ImportTarget Host(string[] directories, ImportTarget target, ImportedManifest manifest) => directories is [var one]
        ? HostImport.Run(one, target, manifest)
        : throw new UsageException("import host: one directory at a time, because each is another host");

    private static Command Source(CommandRunner runner, string name, string what, string helpName, Import import)
    {
        var files = new Argument<string[]>(helpName) { Description = "what is read; it is not changed", Arity = ArgumentArity.OneOrMore };
        var options = new Options();
        var command = new Command(name, what) { files };
        options.AddTo(command);
        runner.Attach(command, call => RunAsync(call, name, call.Parsed.GetRequiredValue(files), options, import));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, string name, string[] files, Options options, Import import)
    {
        var isApplied = call.Parsed.GetValue(options.Apply);
        if (call.Parsed.GetValue(options.DryRun) && !isApplied)
            throw new UsageException("--dry-run says what --apply would do: give both");
        var manifest = new ImportedManifest();
        var target = import(files, options.Target(call.Parsed), manifest);
        var text = manifest.Text(target, $"{name} {string.Join(' ', files)}");
        foreach (var problem in manifest.Report.Problems)
            call.Surroundings.Error.WriteLine(problem);
        foreach (var line in manifest.Report.Lines())
            call.Surroundings.Error.WriteLine(line);
        if (text is null)
        {
            call.Say("nothing was imported");
            return ExitCode.BadInput;
        }
        var file = call.Parsed.GetValue(options.Out);
        if (file is not null)
            await WriteAsync(file, text, call.Cancellation).ConfigureAwait(false);
        else if (!isApplied)
            await call.Out.WriteAsync(text).ConfigureAwait(false);
        var imported = manifest.Report.IsComplete ? ExitCode.Done : ExitCode.NotAllCarriedOver;
        if (!isApplied)
            return imported;
        var source = new ManifestSource(file ?? "import", text);
        var applied = await ApplyCommand.RunAsync(
            call, [source], call.Parsed.GetValue(options.DryRun), choice: options.Guard.Of(call.Parsed)).ConfigureAwait(false);
        return applied == ExitCode.Done ? imported : applied;
    }

    private static async Task WriteAsync(string file, string text, CancellationToken cancellation)
    {
        try
        {
            await File.WriteAllTextAsync(file, text, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--out {file}: cannot be written: {error.Message}");
        }
    }

    private delegate ImportTarget Import(string[] files, ImportTarget target, ImportedManifest manifest);

    /// <summary>What all sources have in common.</summary>
    private sealed class Options
    {
        private readonly Option<string?> _host = new("--host")
        {
            Description = "the host whose configuration it was, as its agent calls itself (this host's name), and its priority",
            HelpName = "NAME[=PRIORITY]",
        };

        private readonly Option<string[]> _peers = new("--peer")
        {
            Description = "another host that shall be able to take over; may be repeated",
            HelpName = "NAME[=PRIORITY]",
        };

        private readonly Option<string?> _group = new("--group") { Description = "one group for all programs", HelpName = "NAME" };

        private readonly Option<bool> _observe = new("--observe")
        {
            Description = "groups are only watched until hactl adopt hands them over: nothing is started, stopped or claimed",
        };

        private readonly Option<string?> _logs = new("--log-dir")
        {
            Description = "where Supervisor's AUTO log files go when its configuration says no childlogdir",
            HelpName = "DIR",
        };

        internal GuardOptions Guard { get; } = new();

        internal Option<string?> Out { get; } = new("--out", "-o") { Description = "where the manifest goes; else standard output", HelpName = "FILE" };

        internal Option<bool> Apply { get; } = new("--apply") { Description = "register it at once, as 'hactl apply' does" };

        internal Option<bool> DryRun { get; } = new("--dry-run") { Description = "with --apply: validate and show what would change; store nothing" };

        internal void AddTo(Command command)
        {
            foreach (var option in (Option[])[_host, _peers, _group, _observe, _logs, Out, Apply, DryRun])
                command.Add(option);
            Guard.AddTo(command);
        }

        /// <exception cref="UsageException">A member is named wrongly, or twice.</exception>
        internal ImportTarget Target(ParseResult parsed)
        {
            var host = ImportedMember.Parse("--host", parsed.GetValue(_host) ?? Environment.MachineName);
            ImportedMember[] peers = [.. (parsed.GetValue(_peers) ?? []).Select(peer => ImportedMember.Parse("--peer", peer))];
            var twice = peers.Prepend(host).GroupBy(member => member.Host, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1);
            var logs = parsed.GetValue(_logs);
            if (logs is not null && !logs.StartsWith('/'))
                throw new UsageException($"--log-dir {logs}: must be an absolute path, because hosts read it");
            return twice is null ? new(host, peers, parsed.GetValue(_group)) { IsObserved = parsed.GetValue(_observe), LogDirectory = logs } : throw new UsageException($"{twice.Key} is named twice by --host and --peer");
        }
    }
}
