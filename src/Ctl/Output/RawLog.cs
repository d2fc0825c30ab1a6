using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>One log byte by byte, for files and pipes. Only where a line breaks off is it ended, so that the next is one of its own.</summary>
internal sealed class RawLog(Stream output) : LogOutput
{
    private bool _isInLine;

    /// <inheritdoc/>
    internal override void Begin(LogsReached reached)
    {
        // Bytes do not say where they come from.
    }

    /// <inheritdoc/>
    internal override void Show(LogText text)
    {
        if (text.Data.IsEmpty)
            return;
        output.Write(text.Data.Span);
        output.Flush();
        _isInLine = text.Data[^1] != (byte)'\n';
    }

    /// <inheritdoc/>
    internal override void Break(string? program, LogChannel channel)
    {
        if (_isInLine)
            output.Write("\n"u8);
        _isInLine = false;
    }
}
