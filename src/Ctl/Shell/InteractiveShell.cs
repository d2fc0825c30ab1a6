using System.Runtime.InteropServices;
using HaGrpc.Core.Supervision;
using HaGrpc.Ctl.Completion;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Shell;

/// <summary>One command after another over one connection, as supervisorctl without arguments: each line is a command line of hactl.</summary>
/// <param name="given">Options of the shell's own command line, which count for each line.</param>
/// <param name="surroundings">Where lines come from and results go.</param>
internal sealed class InteractiveShell(IReadOnlyList<string> given, Surroundings surroundings)
{
    private const string Prompt = "hactl> ";

    private static readonly string[] Words = ["exit", "help"];

    /// <summary>Reads lines until exit or the end.</summary>
    /// <returns>0 at a terminal; else the highest exit code of all lines.</returns>
    internal async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var kept = new KeptConnections();
        var inside = surroundings with { Kept = kept, IsInShell = true, Asking = surroundings.Keys is null ? null : Ask };
        var history = new History(surroundings.Keys is null ? null : History.PathOf(surroundings.Variable));
        var editor = surroundings.Keys is null ? null
            : new LineEditor(surroundings.Keys, surroundings.Out, () => surroundings.Size().Columns, history.Lines, words => Complete(words, inside));
        // While a command runs, Ctrl-C ends that command. Between two keys it ends nothing.
        using var interrupt = editor is null ? null : PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        var isPrompting = editor is not null || (surroundings.IsTerminal && surroundings.IsAnswering);
        if (isPrompting)
            surroundings.Out.Tell(editor is null ? "Commands as of hactl; help lists them, exit or Ctrl-D ends."
                : "Commands as of hactl; help lists them, exit or Ctrl-D ends, Tab completes, Ctrl-R searches.");
        var code = ExitCode.Done;
        while (!cancellation.IsCancellationRequested && (editor is null ? Plain(isPrompting) : Terminal.WithCtrlC(() => editor.Read(Prompt))) is { } line)
        {
            if (line.AsSpan().Trim().IsEmpty || line.TrimStart()[0] == '#')
                continue;
            history.Add(line);
            if (await CarryOutAsync(line, inside, cancellation).ConfigureAwait(false) is not { } one)
                break;
            code = Math.Max(code, one);
        }
        return isPrompting ? ExitCode.Done : code;
    }

    // A terminal that moves no cursor has a line of its own.
    private string? Plain(bool isPrompting)
    {
        if (isPrompting)
        {
            surroundings.Out.Write(Prompt);
            surroundings.Out.Flush();
        }
        return surroundings.In.ReadLine();
    }

    private string? Ask(string question) =>
        Terminal.WithCtrlC(() => new LineEditor(surroundings.Keys!, surroundings.Out, () => surroundings.Size().Columns, [], _ => []).Read(question));

    /// <returns>The exit code; null when the shell is to end.</returns>
    private async Task<int?> CarryOutAsync(string line, Surroundings inside, CancellationToken cancellation)
    {
        if (!CommandLine.TrySplit(line, out var words, out var error))
        {
            surroundings.Error.Tell($"hactl: {error}");
            return ExitCode.BadInput;
        }
        switch (words[0])
        {
            case "exit" or "quit" or "bye":
                return null;
            case "help" or "?":
                return await Hactl.RunAsync([.. given, .. words[1..], "--help"], inside, cancellation).ConfigureAwait(false);
            case "shell":
                surroundings.Error.Tell("hactl: this is the shell");
                return ExitCode.BadInput;
            case var word when SupervisorWords.Hint(word) is { } hint:
                surroundings.Error.Tell($"hactl: {hint}");
                return ExitCode.BadInput;
            default:
                return await Hactl.RunAsync([.. given, .. words], inside, cancellation).ConfigureAwait(false);
        }
    }

    private IReadOnlyList<string> Complete(IReadOnlyList<string> words, Surroundings inside)
    {
        if (words[0] is "help" or "?" && words.Count > 1)
            words = [.. words.Skip(1)];
        var completions = Completions.Of(Hactl.Tree(inside, isCompleting: true).Root, [.. given, .. words]);
        var found = completions.Words.Select(one => one.Word).Concat(completions.IsFile ? FileNames.Of(words[^1]) : []);
        return words.Count == 1 ? [.. found.Concat(Words.Where(w => w.StartsWith(words[0], StringComparison.Ordinal))).Order(StringComparer.Ordinal)] : [.. found];
    }
}
