using System.CommandLine;
using HaGrpc.Ctl.Completion;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl completion bash|zsh|fish</c>, and <c>hactl complete -- WORDS…</c> behind it.</summary>
internal static class CompletionCommand
{
    internal static Command Create(Surroundings surroundings)
    {
        var shell = new Argument<string>("bash|zsh|fish") { Description = "whose script" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Write the script that lets a shell complete commands, options and live names.") { shell };
        command.SetAction(parsed =>
        {
            surroundings.Out.Write(parsed.GetValue(shell) switch
            {
                "bash" => CompletionScripts.Bash,
                "zsh" => CompletionScripts.Zsh,
                _ => CompletionScripts.Fish,
            });
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>
    /// What the scripts call: how the last of these words could go on, one a line, with its meaning behind a tabulator for shells that show it; nothing when that cannot
    /// be known. For bash the words are the line up to the cursor and COMP_WORDBREAKS, and the answer is what bash has to put in.
    /// </summary>
    internal static Command CreateComplete(Surroundings surroundings)
    {
        var words = new Argument<string[]>("WORDS") { Description = "the words so far; the last one is begun", Arity = ArgumentArity.ZeroOrMore };
        var shell = new Option<string?>("--for") { Description = "the shell that asks", HelpName = "SHELL" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("complete", "Say how a command line could go on, for shells.") { words, shell };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var given = parsed.GetValue(words) ?? [];
            var line = parsed.GetValue(shell) != "bash" ? null : BegunLine.Of(given.ElementAtOrDefault(0) ?? "", given.ElementAtOrDefault(1) ?? "");
            // A tree of its own: that of this command line is being carried out.
            var found = Completions.Of(Hactl.Tree(surroundings, isCompleting: true).Root, line is null ? given : [.. line.Words.Skip(1)]);
            foreach (var (word, meaning) in found.Words)
                surroundings.Out.WriteLine(line?.Replacement(word) ?? (parsed.GetValue(shell) is null || meaning.Length == 0 ? word : $"{word}\t{meaning}"));
            if (found.IsFile && parsed.GetValue(shell) is not null)
                surroundings.Out.WriteLine(Completions.Files);
            return ExitCode.Done;
        });
        return command;
    }
}
