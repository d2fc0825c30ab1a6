using System.CommandLine;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>help COMMAND</c>, which is <c>COMMAND --help</c>, also behind options of every command.</summary>
internal static class Help
{
    private const string Word = "help";

    /// <summary>The command line with the option in place of the word.</summary>
    internal static string[] Spelled(string[] arguments, RootCommand root)
    {
        var at = Array.IndexOf(arguments, Word);
        return at < 0 || !IsFirst(arguments[..at], root) ? arguments : [.. arguments[..at], .. arguments[(at + 1)..], "--help"];
    }

    // A name or a value may be called so.
    private static bool IsFirst(string[] before, RootCommand root)
    {
        if (before.Length == 0)
            return true;
        var parsed = root.Parse([.. before, "version"]);
        return parsed is { Errors.Count: 0, UnmatchedTokens.Count: 0 } && parsed.CommandResult.Command.Name == "version";
    }
}
