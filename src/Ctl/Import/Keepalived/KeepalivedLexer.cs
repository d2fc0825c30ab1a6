using System.Text;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>Takes a line of keepalived.conf apart: words, quoted words, braces; <c>#</c> and <c>!</c> begin a comment anywhere but in
/// quotes.</summary>
internal static class KeepalivedLexer
{
    /// <summary>A word, or a brace that is none of a word's.</summary>
    internal readonly record struct Token(string Text, bool IsBrace);

    /// <param name="line">One line.</param>
    /// <param name="comment">What stands behind a comment's sign; null when there is no comment.</param>
    /// <param name="isOpen">True when a quote is not closed.</param>
    internal static List<Token> Split(string line, out string? comment, out bool isOpen)
    {
        var tokens = new List<Token>();
        var word = new StringBuilder();
        var inWord = false;
        (comment, isOpen) = (null, false);
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (isOpen)
            {
                if (c == '"')
                    isOpen = false;
                else
                    word.Append(c == '\\' && i + 1 < line.Length && line[i + 1] is '"' ? line[++i] : c);
                continue;
            }
            if (c is '#' or '!')
            {
                comment = line[(i + 1)..].Trim(' ', '\t', '#', '!');
                break;
            }
            if (c == '"')
            {
                (isOpen, inWord) = (true, true);
            }
            else if (c is '{' or '}')
            {
                End();
                tokens.Add(new(c.ToString(), IsBrace: true));
            }
            else if (char.IsWhiteSpace(c))
            {
                End();
            }
            else
            {
                inWord = true;
                word.Append(c);
            }
        }
        End();
        return tokens;

        void End()
        {
            if (inWord)
                tokens.Add(new(word.ToString(), IsBrace: false));
            word.Clear();
            inWord = false;
        }
    }
}
