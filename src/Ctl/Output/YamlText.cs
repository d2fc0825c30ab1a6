using System.Text.Json;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Output;

/// <summary>A document of JSON as YAML: the same fields and values in the same order.</summary>
internal static class YamlText
{
    /// <summary>Writes the document, and a line end.</summary>
    internal static void Write(TextWriter output, JsonElement value)
    {
        if (IsBlock(value))
            Block(output, value, "");
        else
            output.WriteLine(Scalar(value));
    }

    private static void Block(TextWriter output, JsonElement value, string indent)
    {
        var lead = indent;
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in value.EnumerateObject())
            {
                output.Write($"{lead}{YamlScalarText.OfKey(field.Name)}:");
                Inside(output, field.Value, indent, field.Value.ValueKind == JsonValueKind.Array ? indent : indent + "  ");
                lead = indent;
            }
            return;
        }
        foreach (var item in value.EnumerateArray())
        {
            output.Write($"{lead}-");
            if (item.ValueKind == JsonValueKind.Object && IsBlock(item))
                InItem(output, item, indent + "  ");
            else
                Inside(output, item, indent, indent + "  ");
        }
    }

    // The first field of an object in a list stands behind the list's mark.
    private static void InItem(TextWriter output, JsonElement item, string indent)
    {
        using var text = new StringWriter { NewLine = output.NewLine };
        Block(text, item, indent);
        output.Write($" {text.ToString()[indent.Length..]}");
    }

    private static void Inside(TextWriter output, JsonElement value, string indent, string deeper)
    {
        if (!IsBlock(value))
        {
            output.WriteLine($" {Scalar(value)}");
            return;
        }
        output.WriteLine();
        Block(output, value, value.ValueKind == JsonValueKind.Array && deeper == indent ? indent : deeper);
    }

    private static bool IsBlock(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => false,
    };

    private static string Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{}",
        JsonValueKind.Array => "[]",
        JsonValueKind.String => YamlScalarText.Of(value.GetString()!, inBraces: false),
        _ => value.GetRawText(),
    };
}
