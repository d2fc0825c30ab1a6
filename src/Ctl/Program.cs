using System.CommandLine;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl;

/// <summary>The operator's command: wiring only, each command has its own file under Commands/.</summary>
internal static class Hactl
{
    private static Task<int> Main(string[] arguments) => RunAsync(
        arguments,
        new(Console.In, Console.Out, Console.Error, TimeProvider.System, Environment.GetEnvironmentVariable)
        {
            Bytes = new StandardOutput(),
            IsTerminal = !Console.IsOutputRedirected,
            IsAnswering = !Console.IsInputRedirected && !Console.IsErrorRedirected,
        },
        CancellationToken.None);

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code (docs/reference/hactl.md).</returns>
    internal static async Task<int> RunAsync(
        string[] arguments, Surroundings surroundings, CancellationToken cancellation)
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
            ContextCommand.Create(options, surroundings),
            ContextCommand.CreateLogin(options, surroundings),
            ImportCommand.Create(runner),
            SchemaCommand.Create(surroundings),
            VersionCommand.Create(options, surroundings),
        };
        foreach (var option in options.All)
            root.Add(option);
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in UsageErrors.Of(parsed, root))
                surroundings.Error.WriteLine($"hactl: {error}");
            surroundings.Error.WriteLine("hactl: try 'hactl --help' or 'hactl COMMAND --help'");
            return ExitCode.BadInput;
        }
        return await parsed.InvokeAsync(
            new() { Output = surroundings.Out, Error = surroundings.Error, EnableDefaultExceptionHandler = false },
            cancellation).ConfigureAwait(false);
    }
}
