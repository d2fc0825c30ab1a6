using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace HaGrpc.Ctl.Language;

/// <summary>
/// An interpolated string that remembers its English text apart from its values: <c>$"{name}: removed"</c> is the message
/// <c>{0}: removed</c>, under which <see cref="Catalogue"/> knows it in other languages. Values are written as machines write them, whatever the language.
/// </summary>
[InterpolatedStringHandler]
internal readonly struct Phrase
{
    private readonly StringBuilder _english;
    private readonly List<string> _values;

    /// <param name="literalLength">Characters outside of holes.</param>
    /// <param name="formattedCount">Holes.</param>
    public Phrase(int literalLength, int formattedCount) =>
        (_english, _values) = (new(literalLength + (3 * formattedCount)), new(formattedCount));

    /// <summary>Text between holes.</summary>
    public void AppendLiteral(string text) => _english.Append(text);

    /// <summary>A hole.</summary>
    public void AppendFormatted<T>(T value) => AppendFormatted(value, 0, null);

    /// <summary>A hole with a format.</summary>
    public void AppendFormatted<T>(T value, string? format) => AppendFormatted(value, 0, format);

    /// <summary>A hole with a width.</summary>
    public void AppendFormatted<T>(T value, int alignment) => AppendFormatted(value, alignment, null);

    /// <summary>A hole with a width and a format.</summary>
    public void AppendFormatted<T>(T value, int alignment, string? format)
    {
        _english.Append(CultureInfo.InvariantCulture, $"{{{_values.Count}}}");
        var text = value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString() ?? "";
        _values.Add(alignment < 0 ? text.PadRight(-alignment) : text.PadLeft(alignment));
    }

    /// <summary>In the language that is spoken now.</summary>
    public override string ToString()
    {
        if (_english is null)
            return "";
        return Filled(Speech.Of(_english.ToString()), _values);
    }

    /// <summary>A message with values in its holes.</summary>
    internal static string Filled(string text, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return text;
        var whole = new StringBuilder(text.Length + 32);
        for (var i = 0; i < text.Length; i++)
        {
            if (TryHole(text, i, out var number, out var end) && number < values.Count)
            {
                whole.Append(values[number]);
                i = end;
            }
            else
            {
                whole.Append(text[i]);
            }
        }
        return whole.ToString();
    }

    private static bool TryHole(string text, int at, out int number, out int end)
    {
        (number, end) = (0, text[at] == '{' ? text.IndexOf('}', at) : -1);
        return end > at + 1 && int.TryParse(text.AsSpan((at + 1)..end), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
