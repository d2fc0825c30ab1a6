using System.Collections.Immutable;
using System.CommandLine;
using HaGrpc.Ctl.Connection;

namespace HaGrpc.Ctl.Commands;

/// <summary>Options of every command.</summary>
internal sealed class GlobalOptions
{
    /// <summary>Where hactl looks for the control plane when nobody says otherwise.</summary>
    internal const string DefaultEndpoint = "http://127.0.0.1:7443";

    private readonly Option<string[]> _endpoints = Recursive<string[]>("--endpoint",
        $"URLs of the control planes, also given several times; else HACTL_ENDPOINT, else {DefaultEndpoint}", "URL[,URL]");

    private readonly Option<string?> _certificate = Recursive<string?>("--tls-cert", "client certificate (PEM)", "FILE");
    private readonly Option<string?> _key = Recursive<string?>("--tls-key", "key of the client certificate (PEM)", "FILE");
    private readonly Option<string?> _authority = Recursive<string?>("--tls-ca", "CA of the control plane's certificate (PEM)", "FILE");
    private readonly Option<string> _output = Recursive<string>("--output", "table for people, json for machines, jsonl for one object a line (audit list)", "table|json|jsonl");

    internal GlobalOptions()
    {
        _output.Aliases.Add("-o");
        _output.DefaultValueFactory = _ => "table";
        _output.AcceptOnlyFromAmong("table", "json", "jsonl");
    }

    internal IEnumerable<Option> All => [_endpoints, _certificate, _key, _authority, _output];

    /// <exception cref="UsageException">Lines are wanted of a command that has a document.</exception>
    internal bool Json(ParseResult parsed) => parsed.GetValue(_output) switch
    {
        "jsonl" when !JsonLines(parsed) => throw new UsageException("--output jsonl: only audit list has it; write json"),
        var output => output != "table",
    };

    /// <summary>True for one object a line in place of a document.</summary>
    internal bool JsonLines(ParseResult parsed) => parsed.GetValue(_output) == "jsonl"
        && parsed.CommandResult is { Command.Name: "list", Parent: System.CommandLine.Parsing.CommandResult { Command.Name: "audit" } };

    /// <summary>The control planes, each once.</summary>
    internal ImmutableArray<Endpoint> Endpoints(ParseResult parsed, Surroundings surroundings)
    {
        string[] given = parsed.GetValue(_endpoints) is { Length: > 0 } options ? options
            : [NonEmpty(surroundings.Variable("HACTL_ENDPOINT")) ?? DefaultEndpoint];
        return
        [
            .. given.SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)
                .Select(url => new Endpoint(url, parsed.GetValue(_certificate), parsed.GetValue(_key), parsed.GetValue(_authority))),
        ];
    }

    private static string? NonEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static Option<T> Recursive<T>(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName, Recursive = true };
}
