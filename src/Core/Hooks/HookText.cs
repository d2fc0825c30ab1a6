using System.Globalization;
using System.Text;

namespace HaGrpc.Core.Hooks;

/// <summary>The output of a hook as the history keeps it: one line, bounded, nothing that a terminal would obey.</summary>
public static class HookText
{
    /// <summary>Bytes that are kept of the beginning of a longer output.</summary>
    public const int Head = 1024;

    /// <summary>Bytes that are kept of the end of a longer output.</summary>
    public const int Tail = 3072;

    /// <summary>Makes a line of it.</summary>
    /// <param name="output">What it wrote: all of it, or the end.</param>
    /// <param name="isComplete">False when the beginning is lost.</param>
    public static string Of(ReadOnlySpan<byte> output, bool isComplete)
    {
        if (isComplete && output.Length <= Head + Tail)
            return Line(output);
        if (!isComplete)
            return $"[the beginning is left out] {Line(output[^Math.Min(Head + Tail, output.Length)..])}";
        var left = (output.Length - Head - Tail).ToString(CultureInfo.InvariantCulture);
        return $"{Line(output[..Head])} [{left} bytes are left out] {Line(output[^Tail..])}";
    }

    private static string Line(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes).Trim('\r', '\n', ' ', '\t').ReplaceLineEndings(" | ");
        return text.Any(char.IsControl)
            ? string.Concat(text.Select(c => c == '\t' ? ' ' : char.IsControl(c) ? '\uFFFD' : c))
            : text;
    }
}
