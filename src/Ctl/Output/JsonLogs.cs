using System.Buffers;
using System.Text;
using System.Text.Json;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>One JSON object for each line.</summary>
internal sealed class JsonLogs(Stream output, string group) : LogLines(output)
{
    /// <inheritdoc/>
    protected override void Write(IBufferWriter<byte> to, string program, LogChannel channel, ReadOnlySpan<byte> line)
    {
        var shape = JsonShapes.Lines.LogLineJson;
        to.Write(JsonSerializer.SerializeToUtf8Bytes(new(Host, group, program, Word(channel), Encoding.UTF8.GetString(line)), shape));
        to.Write("\n"u8);
    }
}

internal sealed record LogLineJson(string Host, string Group, string Program, string Channel, string Text);
