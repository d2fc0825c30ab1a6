using System.Text;

namespace HaGrpc.Ctl.Completion;

/// <summary>A command line up to the cursor, as shells read it: its last word is begun, and may stand in a quote that is still open.</summary>
/// <param name="Words">Without quotes; the last one may be empty.</param>
/// <param name="Quote">The quote that is open; a zero for none.</param>
/// <param name="Kept">How many characters of the last word stay as they are typed, since what follows them is a word of its own to the shell.</param>
internal sealed record BegunLine(IReadOnlyList<string> Words, char Quote, int Kept)
{
    private const string Plain = "_-./:=,@%+";

    /// <summary>Reads it.</summary>
    /// <param name="line">Up to the cursor.</param>
    /// <param name="breaks">What else ends a word for whoever replaces it, of <c>:</c> and <c>=</c>: bash's COMP_WORDBREAKS.</param>
    internal static BegunLine Of(string line, string breaks)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (isWord, quote, kept, opened) = (false, '\0', 0, 0);
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (isWord)
                    words.Add(word.ToString());
                word.Clear();
                (isWord, kept) = (false, 0);
                continue;
            }
            isWord = true;
            if (c == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && c is '"' or '\'')
            {
                (quote, opened) = (c, word.Length);
            }
            else if (c == '\\' && quote != '\'' && i + 1 < line.Length && (quote == '\0' || line[i + 1] is '"' or '\\' or '$' or '`'))
            {
                word.Append(line[++i]);
            }
            else
            {
                word.Append(c);
                if (quote == '\0' && c is ':' or '=' && breaks.Contains(c, StringComparison.Ordinal))
                    kept = word.Length;
            }
        }
        words.Add(word.ToString());
        return new(words, quote, quote == '\0' ? kept : opened);
    }

    /// <summary>What stands in the place of the begun word, behind what is kept of it, for it to be that word.</summary>
    internal string Replacement(string word) => Escaped(word[Math.Min(Kept, word.Length)..]);

    /// <summary>A part of a word as it has to be typed here.</summary>
    internal string Escaped(string text)
    {
        if (Quote == '\'')
            return text;
        var typed = new StringBuilder(text.Length + 4);
        foreach (var c in text)
        {
            if (Quote == '"' ? c is '"' or '\\' or '$' or '`' : c < 128 && !char.IsAsciiLetterOrDigit(c) && !Plain.Contains(c, StringComparison.Ordinal))
                typed.Append('\\');
            typed.Append(c);
        }
        return typed.ToString();
    }
}
