using System.CommandLine;
using System.CommandLine.Completions;
using Grpc.Core;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Contexts;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Completion;

/// <summary>
/// Names that the control plane knows now, for arguments and options that take them: found by what they are called in the help, so that a new command has them by itself. Whoever
/// presses a key waits for <see cref="Patience"/> at most, and is told nothing when that was in vain.
/// </summary>
internal sealed class LiveNames(GlobalOptions options, Surroundings surroundings)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(800);

    private delegate Task<IEnumerable<string>> Ask(ControlPlane plane, CallOptions call);

    /// <summary>Gives every argument and option of the tree the names that it takes.</summary>
    internal void AddTo(Command command)
    {
        foreach (var argument in command.Arguments)
        {
            if (SourceOf(argument.HelpName ?? argument.Name, command) is { } source)
                argument.CompletionSources.Add(source);
        }
        foreach (var option in command.Options)
        {
            if (SourceOf(option.Name == "--context" ? "CONTEXT" : option.HelpName ?? "", command) is { } source)
                option.CompletionSources.Add(source);
        }
        foreach (var inner in command.Subcommands)
            AddTo(inner);
    }

    private Func<CompletionContext, IEnumerable<CompletionItem>>? SourceOf(string name, Command command) => name switch
    {
        "SELECTOR" => Live(SelectorsAsync),
        "GROUP" => Live(GroupsAsync),
        "HOST" => Live(HostsAsync),
        "GROUP:NAME" => Live(RegisteredAsync),
        "GROUP:PROGRAM" => Live(ProgramsAsync),
        "GROUP:NAME|GROUP" => Live(async (plane, call) =>
            [.. await GroupsAsync(plane, call).ConfigureAwait(false), .. await RegisteredAsync(plane, call).ConfigureAwait(false)]),
        "GROUP|GROUP:NAME" or "GROUP|GROUP:PROGRAM" => Live(BothAsync),
        "NAME" => SourceOfName(command.Parents.FirstOrDefault()?.Name ?? "", command.Name),
        "CONTEXT" => _ => Contexts(),
        _ => null,
    };

    // A name is of what its command is about.
    private Func<CompletionContext, IEnumerable<CompletionItem>>? SourceOfName(string parent, string command) => (parent, command) switch
    {
        (_, "add") => null,
        ("context", _) => _ => Contexts(),
        ("operator", _) => Live(OperatorsAsync),
        ("host", _) => Live(HostsAsync),
        (_, "adopt") => Live(BothAsync),
        _ => null,
    };

    private Func<CompletionContext, IEnumerable<CompletionItem>> Live(Ask ask) => context =>
    {
        try
        {
            var endpoints = options.Endpoints(context.ParseResult, surroundings);
            using var own = surroundings.Kept is null ? ControlPlane.To(endpoints) : null;
            using var limit = new CancellationTokenSource(Patience);
            var call = new CallOptions(cancellationToken: limit.Token);
            return [.. ask(own ?? surroundings.Kept!.To(endpoints), call).GetAwaiter().GetResult().Select(name => new CompletionItem(name))];
        }
        catch (Exception error) when (error is RpcException or UsageException or OperationCanceledException)
        {
            return [];
        }
    };

    private IEnumerable<CompletionItem> Contexts()
    {
        try
        {
            return [.. ContextFile.Read(surroundings.Variable).All.Select(context => new CompletionItem(context.Name))];
        }
        catch (UsageException)
        {
            return [];
        }
    }

    private static async Task<IEnumerable<string>> GroupsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Admin.ListGroupsAsync(new(), call).ConfigureAwait(false)).Groups.Select(g => g.Group.Name);

    private static async Task<IEnumerable<string>> HostsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Admin.ListHostsAsync(new(), call).ConfigureAwait(false)).Hosts.Select(h => h.Host.Name);

    private static async Task<IEnumerable<string>> ProgramsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Admin.ListProgramsAsync(new(), call).ConfigureAwait(false)).Programs.Select(p => $"{p.Program.Group}:{p.Program.Name}");

    // Programs as they were registered, not the processes that were made of them.
    private static async Task<IEnumerable<string>> RegisteredAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Admin.ListProgramsAsync(new(), call).ConfigureAwait(false)).Programs.Select(p => p.Program)
            .Select(p => $"{p.Group}:{(p.Template.Length > 0 ? p.Template : p.Name)}").Distinct(StringComparer.Ordinal);

    private static async Task<IEnumerable<string>> BothAsync(ControlPlane plane, CallOptions call)
    {
        var programs = (await ProgramsAsync(plane, call).ConfigureAwait(false)).ToArray();
        return [.. programs.Select(name => Selectors.Split(name).Group).Distinct(StringComparer.Ordinal), .. programs];
    }

    private static async Task<IEnumerable<string>> SelectorsAsync(ControlPlane plane, CallOptions call)
    {
        var both = (await BothAsync(plane, call).ConfigureAwait(false)).ToArray();
        return [.. both, .. both.Where(name => !name.Contains(':', StringComparison.Ordinal)).Select(group => $"{group}:*"), "all"];
    }

    private static async Task<IEnumerable<string>> OperatorsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Access.ListOperatorsAsync(new ListOperatorsRequest(), call).ConfigureAwait(false)).Accounts.Select(account => account.Name);
}
