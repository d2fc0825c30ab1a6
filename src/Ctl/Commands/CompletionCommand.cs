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

    /// <summary>What the scripts call: how the last of these words could go on, one a line; nothing when that cannot be known.</summary>
    internal static Command CreateComplete(Surroundings surroundings)
    {
        var words = new Argument<string[]>("WORDS") { Description = "the words so far; the last one is begun", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("complete", "Say how a command line could go on, for shells.") { words };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            // A tree of its own: that of this command line is being carried out.
            foreach (var word in Completions.Of(Hactl.Tree(surroundings, isCompleting: true).Root, parsed.GetValue(words) ?? []))
                surroundings.Out.WriteLine(word);
            return ExitCode.Done;
        });
        return command;
    }
}
