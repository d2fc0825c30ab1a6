using System.Buffers;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>Logs line by line: what several programs write at once is never mixed within a line. A line that is longer than
/// <see cref="LongestLine"/> is shown in parts.</summary>
internal abstract class LogLines(Stream output) : LogOutput
{
    /// <summary>In bytes; what is kept of each log until its line ends.</summary>
    internal const int LongestLine = 64 << 10;

    private readonly Dictionary<(string Program, LogChannel Channel), ArrayBufferWriter<byte>> _begun = [];
    private readonly ArrayBufferWriter<byte> _written = new();

    /// <summary>Where the lines come from.</summary>
    protected string Host { get; private set; } = "";

    /// <inheritdoc/>
    internal override void Begin(LogsReached reached) => Host = reached.Host;

    /// <inheritdoc/>
    internal override void Show(LogText text)
    {
        var begun = _begun.TryGetValue((text.Program, text.Channel), out var known) ? known
            : _begun[(text.Program, text.Channel)] = new();
        var rest = text.Data.Span;
        for (int newline; (newline = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(newline + 1)..])
            Append(begun, rest[..newline], text.Program, text.Channel, ends: true);
        Append(begun, rest, text.Program, text.Channel, ends: false);
        WriteOut();
    }

    /// <inheritdoc/>
    internal override void Break(string? program, LogChannel channel)
    {
        foreach (var ((name, its), begun) in _begun)
        {
            if (begun.WrittenCount > 0 && (program is null || (program == name && channel == its)))
                End(begun, name, its);
        }
        WriteOut();
    }

    /// <summary>Writes a line.</summary>
    /// <param name="to">Takes it, with its end.</param>
    /// <param name="program">Who wrote it.</param>
    /// <param name="channel">Where to.</param>
    /// <param name="line">Without its end.</param>
    protected abstract void Write(IBufferWriter<byte> to, string program, LogChannel channel, ReadOnlySpan<byte> line);

    private void Append(ArrayBufferWriter<byte> begun, ReadOnlySpan<byte> part, string program, LogChannel channel, bool ends)
    {
        while (begun.WrittenCount + part.Length > LongestLine)
        {
            var fits = LongestLine - begun.WrittenCount;
            begun.Write(part[..fits]);
            part = part[fits..];
            End(begun, program, channel);
        }
        begun.Write(part);
        if (ends)
            End(begun, program, channel);
    }

    private void End(ArrayBufferWriter<byte> begun, string program, LogChannel channel)
    {
        Write(_written, program, channel, begun.WrittenSpan);
        begun.ResetWrittenCount();
    }

    private void WriteOut()
    {
        if (_written.WrittenCount == 0)
            return;
        output.Write(_written.WrittenSpan);
        output.Flush();
        _written.ResetWrittenCount();
    }
}
