using System.Collections.Immutable;
using System.CommandLine;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Contexts;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Commands;

/// <summary>Options of every command.</summary>
internal sealed class GlobalOptions
{
    /// <summary>Where hactl looks for the control plane when nobody says otherwise.</summary>
    internal const string DefaultEndpoint = "http://127.0.0.1:7443";

    private readonly Option<string[]> _endpoints = Recursive<string[]>("--endpoint",
        $"URLs of the control planes, also given several times; else of the context, else {DefaultEndpoint}", "URL[,URL]");

    private readonly Option<string?> _context = Recursive<string?>("--context",
        "named control planes (hactl context); else HACTL_CONTEXT, else HACTL_ENDPOINT, else the one that is used", "NAME");

    private readonly Option<string?> _certificate = Recursive<string?>("--tls-cert", "client certificate (PEM)", "FILE");
    private readonly Option<string?> _key = Recursive<string?>("--tls-key", "key of the client certificate (PEM)", "FILE");
    private readonly Option<string?> _authority = Recursive<string?>("--tls-ca", "CA of the control plane's certificate (PEM)", "FILE");
    private readonly Option<string> _output = Recursive<string>(
        "--output", "table for people, wide with more columns; json or yaml for machines, jsonl for one object a line (audit list)", "table|wide|json|yaml|jsonl");

    private readonly Option<string> _color = Recursive<string>("--color", "colours: auto on a terminal without NO_COLOR, always, never", "auto|always|never");
    private readonly Option<string?> _language = Recursive<string?>("--lang", "language of messages, en or zh; else that of LC_ALL, LC_MESSAGES or LANG", "en|zh");

    internal GlobalOptions()
    {
        _output.Aliases.Add("-o");
        _output.DefaultValueFactory = _ => "table";
        _output.AcceptOnlyFromAmong("table", "wide", "json", "yaml", "jsonl");
        _color.DefaultValueFactory = _ => "auto";
        _color.AcceptOnlyFromAmong("auto", "always", "never");
        _language.AcceptOnlyFromAmong(Language.ChosenLanguage.Names);
    }

    internal IEnumerable<Option> All => [_endpoints, _context, _certificate, _key, _authority, _output, _color, _language];

    /// <exception cref="UsageException">Lines are wanted of a command that has a document.</exception>
    internal bool Json(ParseResult parsed) => parsed.GetValue(_output) switch
    {
        "jsonl" when !JsonLines(parsed) => throw new UsageException("--output jsonl: only audit list has it; write json"),
        "yaml" when parsed.CommandResult.Command.Name is "tail" or "logs" or "export" => throw new UsageException("--output yaml: this comes line by line: write json"),
        "jsonl" or "json" or "yaml" => true,
        _ => false,
    };

    /// <summary>Where results go, with how they are to look.</summary>
    internal Page PageOf(ParseResult parsed, Surroundings surroundings) => new(surroundings.Out)
    {
        Ink = Ink.Of(parsed.GetValue(_color), surroundings.IsTerminal, surroundings.Variable),
        IsWide = parsed.GetValue(_output) == "wide",
        IsYaml = parsed.GetValue(_output) == "yaml",
    };

    /// <summary>Colours of what goes to standard error.</summary>
    internal Ink ErrorInk(ParseResult parsed, Surroundings surroundings) =>
        Ink.Of(parsed.GetValue(_color), surroundings.IsErrorTerminal, surroundings.Variable);

    /// <summary>Those of these options that a command line has, to be said again.</summary>
    internal IReadOnlyList<string> Given(ParseResult parsed) =>
    [
        .. All.SelectMany(option => parsed.GetResult(option) is { Implicit: false } given
            ? given.Tokens.Select(token => $"{option.Name}={token.Value}")
            : []),
    ];

    /// <summary>True for one object a line in place of a document.</summary>
    internal bool JsonLines(ParseResult parsed) => parsed.GetValue(_output) == "jsonl"
        && parsed.CommandResult is { Command.Name: "list", Parent: System.CommandLine.Parsing.CommandResult { Command.Name: "audit" } };

    /// <summary>The control planes, each once. What a context holds to come in goes to its own endpoints only.</summary>
    /// <exception cref="UsageException">The context cannot be used.</exception>
    internal ImmutableArray<Endpoint> Endpoints(ParseResult parsed, Surroundings surroundings)
    {
        var given = parsed.GetValue(_endpoints) is { Length: > 0 } options ? options : null;
        if (given is not null && parsed.GetValue(_context) is { } both)
            throw new UsageException($"--context {both}: must not be given with --endpoint");
        var context = given is null ? ChosenContext(parsed, surroundings) : null;
        var token = NonEmpty(surroundings.Variable("HACTL_TOKEN")) ?? context?.Token;
        IEnumerable<string> urls = given ?? context?.Endpoints ?? [NonEmpty(surroundings.Variable("HACTL_ENDPOINT")) ?? DefaultEndpoint];
        return
        [
            .. Separate(urls).Select(url => new Endpoint(
                url,
                parsed.GetValue(_certificate) ?? context?.TlsCert,
                parsed.GetValue(_key) ?? context?.TlsKey,
                parsed.GetValue(_authority) ?? context?.TlsCa)
            {
                Token = token,
            }),
        ];
    }

    /// <summary>The context that counts: of the option, the environment or the file; null for none.</summary>
    /// <exception cref="UsageException">It cannot be read, or there is none of that name.</exception>
    internal NamedContext? ChosenContext(ParseResult parsed, Surroundings surroundings)
    {
        var name = parsed.GetValue(_context) ?? NonEmpty(surroundings.Variable("HACTL_CONTEXT"));
        if (name is null && NonEmpty(surroundings.Variable("HACTL_ENDPOINT")) is not null)
            return null;
        var contexts = ContextFile.Read(surroundings.Variable);
        return (name ?? contexts.Current) is { } chosen ? contexts.Of(chosen) : null;
    }

    /// <summary>A new context of what the other options say.</summary>
    /// <exception cref="UsageException">They cannot be used.</exception>
    internal NamedContext ContextOf(ParseResult parsed, string name)
    {
        if (parsed.GetValue(_endpoints) is not { Length: > 0 } urls)
            throw new UsageException($"context add {name}: needs --endpoint URL");
        var context = new NamedContext
        {
            Name = name,
            Endpoints = [.. Separate(urls)],
            TlsCa = Full(parsed.GetValue(_authority)),
            TlsCert = Full(parsed.GetValue(_certificate)),
            TlsKey = Full(parsed.GetValue(_key)),
        };
        var problem = context.Endpoints.Select(url => new Endpoint(url, context.TlsCert, context.TlsKey, context.TlsCa).Problem()).FirstOrDefault(p => p is not null);
        return problem is null ? context : throw new UsageException(problem);
    }

    private static IEnumerable<string> Separate(IEnumerable<string> urls) =>
        urls.SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal);

    // A context is used from any directory.
    private static string? Full(string? file) => file is null ? null : Path.GetFullPath(file);

    private static string? NonEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static Option<T> Recursive<T>(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName, Recursive = true };
}
