using System.Collections.Frozen;
using System.Text;

namespace HaGrpc.Ctl.Language;

/// <summary>Messages in another language, by their English text: a file of gettext (<c>.po</c>), so that translators have their tools.</summary>
internal sealed class Catalogue
{
    private static readonly Lazy<Catalogue> TheChinese = new(() => Embedded("zh.po"));
    private readonly FrozenDictionary<string, string> _messages;

    private Catalogue(FrozenDictionary<string, string> messages) => _messages = messages;

    /// <summary>Simplified Chinese; read when it is asked for.</summary>
    internal static Catalogue Chinese => TheChinese.Value;

    /// <summary>Every English text that is known.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Messages => _messages;

    /// <summary>The message; null when it is not known.</summary>
    internal string? Find(string english) => _messages.GetValueOrDefault(english);

    /// <summary>Reads a file of gettext; plurals and contexts are none of ours.</summary>
    /// <exception cref="FormatException">A line is none of such a file, or a message stands twice.</exception>
    internal static Catalogue Read(TextReader reader)
    {
        var messages = new Dictionary<string, string>(StringComparer.Ordinal);
        var (id, text) = ((StringBuilder?)null, (StringBuilder?)null);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("msgid ", StringComparison.Ordinal))
            {
                Keep();
                (id, text) = (new(Unquoted(line[6..])), null);
            }
            else if (line.StartsWith("msgstr ", StringComparison.Ordinal))
            {
                text = new(Unquoted(line[7..]));
            }
            else if (line.StartsWith('"'))
            {
                (text ?? id ?? throw new FormatException($"{line}: belongs to nothing")).Append(Unquoted(line));
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                throw new FormatException($"{line}: neither msgid nor msgstr");
            }
        }
        Keep();
        return new(messages.ToFrozenDictionary(StringComparer.Ordinal));

        void Keep()
        {
            // The head of the file has the empty text.
            if (id is { Length: > 0 } && text is { Length: > 0 } && !messages.TryAdd(id.ToString(), text.ToString()))
                throw new FormatException($"{id}: stands twice");
        }
    }

    private static string Unquoted(string quoted)
    {
        quoted = quoted.Trim();
        if (quoted.Length < 2 || quoted[0] != '"' || quoted[^1] != '"')
            throw new FormatException($"{quoted}: must stand in quotes");
        var text = new StringBuilder(quoted.Length);
        for (var i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] != '\\')
                _ = text.Append(quoted[i]);
            else
                _ = text.Append(quoted[++i] switch { 'n' => '\n', 't' => '\t', var other => other });
        }
        return text.ToString();
    }

    private static Catalogue Embedded(string name)
    {
        using var stream = typeof(Catalogue).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} was not built in");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Read(reader);
    }
}
