using System.Buffers;
using System.Text;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>Lines for people. Those of several programs stand behind their program's name, in a column whose width stays.</summary>
/// <param name="output">Takes them.</param>
/// <param name="isTerminal">True: nothing reaches it that a terminal would obey.</param>
/// <param name="hasNames">True: each line tells its program.</param>
internal sealed class PlainLogs(Stream output, bool isTerminal, bool hasNames) : LogLines(output)
{
    private int _width;

    /// <inheritdoc/>
    internal override void Begin(LogsReached reached)
    {
        base.Begin(reached);
        _width = reached.Logs.Where(log => log.Position is not null)
            .Select(log => Name(log.Program, log.Channel).Length).Append(_width).Max();
    }

    /// <inheritdoc/>
    protected override void Write(IBufferWriter<byte> to, string program, LogChannel channel, ReadOnlySpan<byte> line)
    {
        if (hasNames)
            Encoding.UTF8.GetBytes($"{Name(program, channel).PadRight(_width)} | ", to);
        if (isTerminal)
            Encoding.UTF8.GetBytes(TerminalText.Of(line), to);
        else
            to.Write(line);
        to.Write("\n"u8);
    }

    private static string Name(string program, LogChannel channel) => channel == LogChannel.Stderr ? $"{program} stderr" : program;
}
