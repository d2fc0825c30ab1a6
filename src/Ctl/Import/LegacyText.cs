using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace HaGrpc.Ctl.Import;

/// <summary>
/// Reads files as their authors left them: UTF-8 with or without a byte order mark, else GB18030, which holds GBK and GB2312. UTF-8 comes first
/// because hardly any GBK text is valid UTF-8 by accident, while every UTF-8 text of some length looks like GBK somewhere.
/// </summary>
internal static class LegacyText
{
    private const long LargestBytes = 4 * 1024 * 1024;

    /// <summary>What is read by its lines may compare each with all others. A line may be as long as what a program can be given at all
    /// (MAX_ARG_STRLEN): the class paths of Java are long.</summary>
    private const int MostLines = 20_000, LongestLine = 128 * 1024;

    private const int Gb18030 = 54936;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">Its text, with line breaks as they are.</param>
    /// <param name="problem">Why it cannot be read.</param>
    internal static bool TryRead(string path, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? problem)
    {
        (text, problem) = (null, null);
        try
        {
            if (!File.Exists(path))
                problem = "no such file";
            else if (new FileInfo(path).Length > LargestBytes)
                problem = $"larger than {LargestBytes / 1024 / 1024} MiB: surely not a configuration";
            else if (TryDecode(File.ReadAllBytes(path), out text))
                problem = Excess(text);
            else
                problem = "neither UTF-8 nor GB18030 (GBK): convert it with iconv first";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"cannot be read: {error.Message}";
        }
        return problem is null;
    }

    private static string? Excess(string text)
    {
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (line.Length > LongestLine)
                return $"line {number} has {line.Length} characters: surely not a configuration, whose lines have at most {LongestLine}";
        }
        return number > MostLines ? $"has {number} lines: surely not a configuration, which has at most {MostLines}" : null;
    }

    /// <summary>Decodes bytes; false when they are neither UTF-8 nor GB18030, or hold a zero byte as no text does.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (bytes.Contains((byte)0))
            return false;
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        text = Decoded(bytes, StrictUtf8) ?? Decoded(bytes, CodePagesEncodingProvider.Instance.GetEncoding(
            Gb18030, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!);
        return text is not null;
    }

    private static string? Decoded(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
