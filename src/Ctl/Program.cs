using System.CommandLine;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Completion;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Watching;

namespace HaGrpc.Ctl;

/// <summary>The operator's command: wiring only, each command has its own file under Commands/.</summary>
internal static class Hactl
{
    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            return await RunAsync(arguments, OfTheProcess(), CancellationToken.None).ConfigureAwait(false);
        }
        // A full disk, or a closed output. What else cannot be read or written is told where that happens.
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return OutputFailure.Tell(error, () => Console.Error, ChosenLanguage.Of(arguments, Environment.GetEnvironmentVariable));
        }
    }

    private static Surroundings OfTheProcess() => new(Console.In, Console.Out, Console.Error, TimeProvider.System, Environment.GetEnvironmentVariable)
    {
        Bytes = new StandardOutput(),
        HasReader = StandardOutput.HasReader,
        IsTerminal = !Console.IsOutputRedirected,
        IsAnswering = !Console.IsInputRedirected && !Console.IsErrorRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        Size = Terminal.Size,
        Keys = Console.IsInputRedirected || Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb" ? null : Terminal.Key,
    };

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code (docs/reference/hactl.md).</returns>
    internal static async Task<int> RunAsync(
        string[] arguments, Surroundings surroundings, CancellationToken cancellation)
    {
        Speech.Speak(ChosenLanguage.Of(arguments, surroundings.Variable));
        var (root, _) = Tree(surroundings);
        arguments = Help.Spelled(arguments, root);
        var parsed = root.Parse(arguments.Length == 0 && surroundings.IsTerminal ? ["--help"] : WatchOption.Spelled(arguments));
        var wrong = UsageErrors.Of(parsed, root).ToArray();
        if (wrong.Length > 0)
        {
            foreach (var error in wrong)
                surroundings.Error.WriteLine($"hactl: {error}");
            surroundings.Error.Tell(surroundings.IsInShell ? "hactl: try 'help' or 'help COMMAND'" : "hactl: try 'hactl --help' or 'hactl COMMAND --help'");
            return ExitCode.BadInput;
        }
        var invocation = new InvocationConfiguration { Output = surroundings.Out, Error = surroundings.Error, EnableDefaultExceptionHandler = false };
        // Ctrl-C ends a command of the shell, and not the shell.
        if (parsed.CommandResult.Command.Name == ShellCommand.Name)
            invocation.ProcessTerminationTimeout = null;
        return await parsed.InvokeAsync(invocation, cancellation).ConfigureAwait(false);
    }

    /// <summary>The command tree, in the language that is spoken.</summary>
    /// <param name="surroundings">What its commands work with.</param>
    /// <param name="isCompleting">True when it is to say how words could go on: then live names are asked for. Help would show them, too.</param>
    internal static (RootCommand Root, GlobalOptions Options) Tree(Surroundings surroundings, bool isCompleting = false)
    {
        var options = new GlobalOptions();
        var runner = new CommandRunner(options, surroundings);
        var root = new RootCommand("Operates HaGrpc: virtual IPs and programs that fail over together.")
        {
            ApplyCommand.Create(runner),
            DiffCommand.Create(runner),
            ExportCommand.Create(runner),
            ProgramCommand.Create(runner),
            RevisionsCommand.Create(runner),
            RollbackCommand.Create(runner),
            DeleteCommand.Create(runner),
            ControlPlanesCommand.Create(runner),
            HostsCommand.Create(runner),
            GroupsCommand.Create(runner),
            StatusCommand.Create(runner),
            StartCommand.Create(runner),
            StopCommand.Create(runner),
            RestartCommand.Create(runner),
            SwitchoverCommand.Create(runner),
            DrainCommand.Create(runner),
            DrainCommand.CreateUndrain(runner),
            FenceCommand.Create(runner),
            LockCommand.Create(runner),
            LockCommand.CreateUnlock(runner),
            LockCommand.CreateList(runner),
            RehearseCommand.Create(runner),
            ObserveCommand.Create(runner),
            PreflightCommand.Create(runner),
            AdoptCommand.Create(runner),
            TailCommand.Create(runner),
            LogsCommand.Create(runner),
            EventsCommand.Create(runner),
            HistoryCommand.Create(runner),
            WhyCommand.Create(runner),
            AuditCommand.Create(runner),
            OperatorCommand.Create(runner),
            OperatorCommand.CreateWhoami(runner),
            PolicyCommand.Create(runner),
            ApprovalCommand.Create(runner),
            ApprovalCommand.CreateApprove(runner),
            ApprovalCommand.CreateDeny(runner),
            TokenCommand.Create(runner),
            HostCommand.Create(runner),
            ContextCommand.Create(options, surroundings),
            ContextCommand.CreateLogin(options, surroundings),
            ImportCommand.Create(runner),
            SchemaCommand.Create(surroundings),
            ShellCommand.Create(options, surroundings),
            CompletionCommand.Create(surroundings),
            CompletionCommand.CreateComplete(surroundings),
            ManCommand.Create(surroundings),
            VersionCommand.Create(options, surroundings),
        };
        foreach (var option in options.All)
            root.Add(option);
        BareSwitches(root);
        if (isCompleting)
            new LiveNames(options, surroundings).AddTo(root);
        SpokenTree.Translate(root);
        return (root, options);
    }

    // The parser would take a word behind a switch for its value where it reads true or false, and offer nothing else there.
    private static void BareSwitches(Command command)
    {
        foreach (var option in command.Options.OfType<Option<bool>>())
            option.Arity = ArgumentArity.Zero;
        foreach (var inner in command.Subcommands)
            BareSwitches(inner);
    }
}
