using System.Text;

namespace HaGrpc.Ctl.Output;

/// <summary>Arguments as a shell would read them.</summary>
internal static class CommandWords
{
    private const string Plain = "_-./:=,@%+";

    /// <summary>Words with anything else than letters, digits and a few marks stand in single quotes; control characters become visible.</summary>
    internal static string Quote(IEnumerable<string> words) => string.Join(' ', words.Select(Word));

    private static string Word(string word) => word.Length > 0 && word.All(IsPlain)
        ? word
        : $"'{TerminalText.Of(Encoding.UTF8.GetBytes(word)).Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal);
}
