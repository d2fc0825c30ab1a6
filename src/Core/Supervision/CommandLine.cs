using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace HaGrpc.Core.Supervision;

/// <summary>
/// Splits a command into words as a POSIX shell would, without any expansion: what Python's <c>shlex.split</c>, and so
/// Supervisor, does. White space separates; <c>'…'</c> is literal; in <c>"…"</c> a backslash escapes <c>"</c> and
/// <c>\</c> only; elsewhere it escapes any character.
/// </summary>
public static class CommandLine
{
    /// <summary>Splits a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="words">Its words, at least one.</param>
    /// <param name="error">What is wrong and at which position, counted from 1; null when nothing is.</param>
    public static bool TrySplit(string command, out ImmutableArray<string> words, [NotNullWhen(false)] out string? error)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        var word = new StringBuilder();
        var inWord = false;
        for (var i = 0; i < command.Length; i++)
        {
            var c = command[i];
            if (c is ' ' or '\t' or '\r' or '\n')
            {
                if (inWord)
                    found.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }
            inWord = true;
            if (c is '\'' or '"')
            {
                var end = ReadQuoted(command, i, word);
                if (end < 0)
                    return Fail($"the quote {c} at position {i + 1} is not closed", out words, out error);
                i = end;
            }
            else if (c == '\\')
            {
                if (i + 1 == command.Length)
                    return Fail($"the backslash at position {i + 1} escapes nothing", out words, out error);
                word.Append(command[++i]);
            }
            else if (c == '\0')
            {
                return Fail($"the character at position {i + 1} is a zero byte", out words, out error);
            }
            else
            {
                word.Append(c);
            }
        }
        if (inWord)
            found.Add(word.ToString());
        if (found.Count == 0)
            return Fail("it is empty", out words, out error);
        words = found.ToImmutable();
        error = null;
        return true;
    }

    /// <summary>Appends what stands between the quote at <paramref name="open"/> and its partner.</summary>
    /// <returns>The partner's index, or -1 when there is none.</returns>
    private static int ReadQuoted(string command, int open, StringBuilder word)
    {
        var quote = command[open];
        for (var i = open + 1; i < command.Length; i++)
        {
            var c = command[i];
            if (c == quote)
                return i;
            if (c == '\\' && quote == '"' && i + 1 < command.Length && command[i + 1] is ('"' or '\\'))
                c = command[++i];
            word.Append(c);
        }
        return -1;
    }

    private static bool Fail(string reason, out ImmutableArray<string> words, out string? error)
    {
        words = [];
        error = reason;
        return false;
    }
}
