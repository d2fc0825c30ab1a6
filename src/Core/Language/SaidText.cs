using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace HaGrpc.Core.Language;

/// <summary>
/// A sentence for people with its values apart, so that whoever shows it may say it in another language: <c>$"{host} is behind"</c> is the message <c>{0} is behind</c>, under which a
/// catalogue knows it.
/// </summary>
/// <param name="Text">The whole of it in English.</param>
/// <param name="Message">The sentence with <c>{0}</c>, <c>{1}</c> in the places of its values; in English a plural where the text may be a singular.</param>
/// <param name="Values">The values, as they are in every language.</param>
public sealed record SaidText(string Text, string Message, ImmutableArray<string> Values)
{
    /// <summary>A sentence with values.</summary>
    public static SaidText Of(SaidWords words) => words.ToSaid();

    /// <summary>A sentence without any.</summary>
    public static SaidText Of(string text) => new(text, text, []);

    /// <summary>The same in other English words, where a sentence made of its message would read badly.</summary>
    public SaidText As(string text) => this with { Text = text };

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>Takes an interpolated string apart.</summary>
/// <param name="literalLength">Characters outside of holes.</param>
/// <param name="formattedCount">Holes.</param>
[InterpolatedStringHandler]
public readonly ref struct SaidWords(int literalLength, int formattedCount)
{
    private readonly StringBuilder _text = new(literalLength + (16 * formattedCount));
    private readonly StringBuilder _message = new(literalLength + (3 * formattedCount));
    private readonly ImmutableArray<string>.Builder _values = ImmutableArray.CreateBuilder<string>(formattedCount);

    /// <summary>Text between holes.</summary>
    public void AppendLiteral(string text)
    {
        _ = _text.Append(text);
        _ = _message.Append(text);
    }

    /// <summary>A hole.</summary>
    public void AppendFormatted<T>(T value) => AppendFormatted(value, null);

    /// <summary>A hole with a format.</summary>
    public void AppendFormatted<T>(T value, string? format)
    {
        var text = value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString() ?? "";
        _ = _message.Append(CultureInfo.InvariantCulture, $"{{{_values.Count}}}");
        _ = _text.Append(text);
        _values.Add(text);
    }

    internal SaidText ToSaid() => new(_text.ToString(), _message.ToString(), _values.ToImmutable());
}
