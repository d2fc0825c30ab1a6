using System.CommandLine;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Contexts;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl context</c> and <c>hactl login</c>: several control planes by name, and the token to come in with.</summary>
internal static class ContextCommand
{
    private const string TokenPrefix = "hagrpc1op.";

    internal static Command Create(GlobalOptions options, Surroundings surroundings)
    {
        var (used, removed, added) = (Name(), Name(), Name());
        var use = new Command("use", "Let commands go there from now on.") { used };
        var remove = new Command("remove", "Forget a context and its token.") { removed };
        var add = new Command("add", "Name control planes, with --endpoint and the TLS options as they are to be used.") { added };
        var list = new Command("list", "Show the contexts; * marks the one that is used.");
        Act(use, surroundings, parsed =>
        {
            var contexts = ContextFile.Read(surroundings.Variable);
            var name = contexts.Of(parsed.GetValue(used)!).Name;
            ContextFile.Write(surroundings.Variable, contexts with { Current = name });
            surroundings.Out.Tell($"{name}: used from now on");
        });
        Act(remove, surroundings, parsed =>
        {
            var contexts = ContextFile.Read(surroundings.Variable);
            var name = contexts.Of(parsed.GetValue(removed)!).Name;
            ContextFile.Write(surroundings.Variable, contexts with
            {
                Current = contexts.Current == name ? null : contexts.Current,
                All = [.. contexts.All.Where(c => c.Name != name)],
            });
            surroundings.Out.Tell($"{name}: removed");
        });
        Act(add, surroundings, parsed =>
        {
            var contexts = ContextFile.Read(surroundings.Variable);
            var context = options.ContextOf(parsed, parsed.GetValue(added)!);
            if (contexts.All.Any(c => c.Name == context.Name))
                throw new UsageException($"there is a context {context.Name} already: remove it first");
            ContextFile.Write(surroundings.Variable, contexts.With(context) with { Current = contexts.Current ?? context.Name });
            if (contexts.Current is null)
                surroundings.Out.Tell($"{context.Name}: {string.Join(", ", context.Endpoints)}, used from now on");
            else
                surroundings.Out.WriteLine($"{context.Name}: {string.Join(", ", context.Endpoints)}");
        });
        Act(list, surroundings, parsed => List(ContextFile.Read(surroundings.Variable), options.Json(parsed), options.PageOf(parsed, surroundings)));
        return new("context", "Name several control planes, and choose among them.") { list, use, add, remove };
    }

    internal static Command CreateLogin(GlobalOptions options, Surroundings surroundings)
    {
        var fromInput = new Option<bool>("--token-stdin") { Description = "the first line of standard input is the token", Required = true };
        var command = new Command("login", "Keep a token for the context that is used.") { fromInput };
        Act(command, surroundings, parsed =>
        {
            var contexts = ContextFile.Read(surroundings.Variable);
            var context = options.ChosenContext(parsed, surroundings)
                ?? throw new UsageException("there is no context to log in to: hactl context add NAME --endpoint URL");
            var token = surroundings.In.ReadLine()?.Trim() ?? "";
            if (!token.StartsWith(TokenPrefix, StringComparison.Ordinal))
                throw new UsageException($"standard input: must be a token, which begins with {TokenPrefix}");
            ContextFile.Write(surroundings.Variable, contexts.With(context with { Token = token }));
            surroundings.Out.Tell($"{context.Name}: the token is kept in {ContextFile.PathOf(surroundings.Variable)}");
        });
        return command;
    }

    private static void List(ContextList contexts, bool json, Page page)
    {
        if (json)
        {
            Json.Write(page, ContextsJson.Of(contexts), shapes => shapes.ContextsJson);
            return;
        }
        var table = new Table("NAME", "ENDPOINTS", "+CA", "COMES IN BY");
        foreach (var context in contexts.All)
        {
            var by = context.Token is not null ? Speech.Of("token") : context.TlsCert is { } file ? Speech.Of($"certificate {file}") : "";
            table.Add(context.Name == contexts.Current ? $"{context.Name} *" : context.Name, string.Join(",", context.Endpoints), context.TlsCa ?? "", by);
        }
        table.Print(page);
    }

    private static Argument<string> Name() => new("NAME") { Description = "the context" };

    private static void Act(Command command, Surroundings surroundings, Action<ParseResult> body) => command.SetAction(parsed =>
    {
        try
        {
            body(parsed);
            return ExitCode.Done;
        }
        catch (UsageException usage)
        {
            surroundings.Error.Tell($"hactl: {usage.Message}");
            return ExitCode.BadInput;
        }
    });
}
