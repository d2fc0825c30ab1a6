using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using Grpc.Core;
using HaGrpc.Core.Events;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Contexts;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Manifests.Fields;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Completion;

/// <summary>
/// Names that the control plane knows now, for arguments and options that take them: found by what they are called in the help, so that a new command has them by itself. Whoever
/// presses a key waits for <see cref="Surroundings.NamePatience"/> at most, and is told nothing when that was in vain.
/// </summary>
internal sealed class LiveNames(GlobalOptions options, Surroundings surroundings)
{
    private const int MostRevisions = 20;

    private delegate Task<IEnumerable<Candidate>> Ask(ControlPlane plane, CallOptions call);

    /// <summary>Gives every argument and option of the tree the names that it takes.</summary>
    internal void AddTo(Command command)
    {
        foreach (var argument in command.Arguments)
        {
            if (SourceOf(argument.HelpName ?? argument.Name, command) is { } source)
                argument.CompletionSources.Add(source);
            KeepToItsPlace(argument, command);
        }
        foreach (var option in command.Options)
        {
            if (SourceOf(option.Name == "--context" ? "CONTEXT" : option.HelpName ?? "", command) is { } source)
                option.CompletionSources.Add(source);
        }
        foreach (var inner in command.Subcommands)
            AddTo(inner);
    }

    // The parser offers what any argument of the command takes, wherever the begun word stands.
    private static void KeepToItsPlace(Argument argument, Command command)
    {
        if (command.Arguments.Count < 2)
            return;
        Func<CompletionContext, IEnumerable<CompletionItem>>[] sources = [.. argument.CompletionSources];
        argument.CompletionSources.Clear();
        argument.CompletionSources.Add(context => Beginning(context, command) == argument ? sources.SelectMany(source => source(context)) : []);
    }

    /// <summary>The argument that the begun word is of; null behind the last one.</summary>
    private static Argument? Beginning(CompletionContext context, Command command)
    {
        var before = command.Arguments.Sum(argument => context.ParseResult.GetResult(argument)?.Tokens.Count ?? 0);
        if (context.WordToComplete.Length > 0 && context.ParseResult.UnmatchedTokens.Count == 0)
            before--;
        foreach (var argument in command.Arguments)
        {
            if (before < argument.Arity.MaximumNumberOfValues)
                return argument;
            before -= argument.Arity.MaximumNumberOfValues;
        }
        return null;
    }

    private Func<CompletionContext, IEnumerable<CompletionItem>>? SourceOf(string name, Command command) => name switch
    {
        "SELECTOR" when command.Name == "export" => Live(async (plane, call) =>
            [.. await SelectorsAsync(plane, call).ConfigureAwait(false), .. (await HostsAsync(plane, call).ConfigureAwait(false)).Select(h => h with { Word = $"host/{h.Word}" })]),
        "SELECTOR" => Live(SelectorsAsync),
        "GROUP" => Live(GroupsAsync),
        "HOST" => Live(HostsAsync),
        "GROUP:NAME" => Live(RegisteredAsync),
        "GROUP:PROGRAM" => Live(ProgramsAsync),
        "GROUP:NAME|GROUP" => Live(async (plane, call) =>
            [.. await GroupsAsync(plane, call).ConfigureAwait(false), .. await RegisteredAsync(plane, call).ConfigureAwait(false)]),
        "GROUP|GROUP:NAME" or "GROUP|GROUP:PROGRAM" => Live(BothAsync),
        "NAME" or "ID" => SourceOfName(command.Parents.FirstOrDefault()?.Name ?? "", command.Name),
        "REVISION" => Live(RevisionsAsync),
        "ACT" => Live(ActsAsync),
        "FIELD=VALUE" => _ => ProgramFields.AtTop.Fields.Where(field => field.Shape is ScalarShape or WordsShape && (command.Name == "add" || field.Name is not ("name" or "group")))
            .Select(field => Item(new($"{field.Name}=", Speech.Of(field.Meaning)))),
        "KIND" => _ => EventKinds.All.Select(kind => Item(new(kind.Name, Speech.Of(kind.Meaning)))),
        "CONTEXT" => _ => Contexts(),
        _ when name.Split('|').Any(part => part is "FILE" or "FILES" or "DIR") => context => [Completions.File(context)],
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
        ("token", "create") => Live(HostsAsync),
        ("token", _) => Live(TokensAsync),
        (_, "approve" or "deny") => Live(ApprovalsAsync),
        _ => null,
    };

    private Func<CompletionContext, IEnumerable<CompletionItem>> Live(Ask ask) => context =>
    {
        try
        {
            var endpoints = options.Endpoints(context.ParseResult, surroundings);
            using var own = surroundings.Kept is null ? ControlPlane.To(endpoints) : null;
            using var limit = new CancellationTokenSource(surroundings.NamePatience);
            var call = new CallOptions(cancellationToken: limit.Token);
            return [.. ask(own ?? surroundings.Kept!.To(endpoints), call).GetAwaiter().GetResult().Select(Item)];
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
            return [.. ContextFile.Read(surroundings.Variable).All.Select(context => Item(new(context.Name, string.Join(", ", context.Endpoints))))];
        }
        catch (UsageException)
        {
            return [];
        }
    }

    private static CompletionItem Item(Candidate found) => new(found.Word, detail: found.Meaning);

    private static async Task<IEnumerable<Candidate>> GroupsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Admin.ListGroupsAsync(new(), call).ConfigureAwait(false)).Groups
            .Select(g => new Candidate(g.Group.Name, g.Owner.Length > 0 ? Speech.Of($"group, on {g.Owner}") : Speech.Of("group, without an owner")));

    private static async Task<IEnumerable<Candidate>> HostsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Admin.ListHostsAsync(new(), call).ConfigureAwait(false)).Hosts
            .Select(h => new Candidate(h.Host.Name, Speech.Of($"host, {HostJson.Word(h.State)}")));

    private static async Task<IEnumerable<Candidate>> ProgramsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Admin.ListProgramsAsync(new(), call).ConfigureAwait(false)).Programs.Select(p => new Candidate(
            $"{p.Program.Group}:{p.Program.Name}", p.Host.Length > 0 ? Speech.Of($"{StatusLines.StateName(p)} on {p.Host}") : StatusLines.StateName(p)));

    // Programs as they were registered, not the processes that were made of them.
    private static async Task<IEnumerable<Candidate>> RegisteredAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Admin.ListProgramsAsync(new(), call).ConfigureAwait(false)).Programs.Select(p => p.Program)
            .Select(p => $"{p.Group}:{(p.Template.Length > 0 ? p.Template : p.Name)}").Distinct(StringComparer.Ordinal).Select(name => new Candidate(name, Speech.Of("program")));

    private static async Task<IEnumerable<Candidate>> BothAsync(ControlPlane plane, CallOptions call)
    {
        var programs = (await ProgramsAsync(plane, call).ConfigureAwait(false)).ToArray();
        return
        [
            .. programs.GroupBy(program => Selectors.Split(program.Word).Group, StringComparer.Ordinal).Select(group => new Candidate(group.Key, Programs(group.Count()))),
            .. programs,
        ];
    }

    private static async Task<IEnumerable<Candidate>> SelectorsAsync(ControlPlane plane, CallOptions call)
    {
        var both = (await BothAsync(plane, call).ConfigureAwait(false)).ToArray();
        var groups = both.Where(found => !found.Word.Contains(':', StringComparison.Ordinal)).ToArray();
        return [.. both, .. groups.Select(group => group with { Word = $"{group.Word}:*" }), new("all", Programs(both.Length - groups.Length))];
    }

    private static string Programs(int count) => count == 1 ? Speech.Of("1 program") : Speech.Of($"{count} programs");

    private static async Task<IEnumerable<Candidate>> OperatorsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Access.ListOperatorsAsync(new ListOperatorsRequest(), call).ConfigureAwait(false)).Accounts
            .Select(account => new Candidate(account.Name, OperatorJson.RoleOf(account)));

    private static async Task<IEnumerable<Candidate>> RevisionsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Registry.ListRevisionsAsync(new() { Limit = MostRevisions }, call).ConfigureAwait(false)).Revisions
            .Select(r => new Candidate(r.Number.ToString(CultureInfo.InvariantCulture), $"{r.Cause}, {r.Actor}"));

    private static async Task<IEnumerable<Candidate>> ActsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Guard.GetPolicyAsync(new(), call).ConfigureAwait(false)).Acts.Select(act => new Candidate(act.Name, act.Description));

    private static async Task<IEnumerable<Candidate>> ApprovalsAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Guard.ListApprovalsAsync(new(), call).ConfigureAwait(false)).Approvals.Where(a => a.State == ApprovalState.Waiting)
            .Select(a => new Candidate(a.Id.ToString(CultureInfo.InvariantCulture), Speech.Of($"{a.Act} of {a.Name} by {a.RequestedBy}")));

    private static async Task<IEnumerable<Candidate>> TokensAsync(ControlPlane plane, CallOptions call) =>
        (await plane.Identity.ListJoinTokensAsync(new(), call).ConfigureAwait(false)).Tokens.Select(token => new Candidate(token.Id, $"{token.Host}, {token.State}"));
}
