using System.Text;

namespace HaGrpc.Ctl.Import.Emitting;

/// <summary>Writes a manifest as a person would: short things on one line, programs field by field, always in the same order.</summary>
internal sealed class ManifestWriter
{
    private const int Width = 140;

    private readonly StringBuilder _text = new();

    /// <summary>The text of a manifest.</summary>
    /// <param name="document">Its fields.</param>
    /// <param name="header">Lines of comment at its top.</param>
    internal static string Write(ManifestMap document, IEnumerable<string> header)
    {
        var writer = new ManifestWriter();
        foreach (var line in header)
            writer.Comment("", line);
        writer.Fields(document, "", "");
        return writer._text.ToString();
    }

    private void Fields(ManifestMap map, string first, string indent)
    {
        var lead = first;
        foreach (var field in map.Fields)
        {
            Field(field, lead, indent);
            lead = indent;
        }
    }

    private void Field(ManifestField field, string lead, string indent)
    {
        var key = YamlScalarText.OfKey(field.Key);
        switch (field.Value)
        {
            case MapsValue { Items.Count: 0 }:
                Line($"{lead}{key}: []");
                break;
            case MapsValue list:
                Line($"{lead}{key}:");
                foreach (var item in list.Items)
                    Item(item, indent + "  ");
                break;
            case MapValue { Map: var map }:
                Map(map, $"{lead}{key}:", indent + "  ");
                break;
            default:
                Line($"{lead}{key}: {Scalar(field.Value, inBraces: false)}");
                break;
        }
    }

    private void Map(ManifestMap map, string lead, string indent)
    {
        var line = $"{lead} {InBraces(map)}";
        if (map.Fields.Count == 0 || line.Length <= Width)
        {
            Line(line);
            return;
        }
        Line(lead);
        Fields(map, indent, indent);
    }

    private void Item(ManifestMap item, string indent)
    {
        foreach (var comment in item.Comments)
            Comment(indent, comment);
        var line = $"{indent}- {InBraces(item)}";
        if (item.Fields.Count == 0 || (item.IsShort && line.Length <= Width))
            Line(line);
        else
            Fields(item, indent + "- ", indent + "  ");
    }

    private static string InBraces(ManifestMap map) =>
        $"{{{string.Join(", ", map.Fields.Select(InBraces))}}}";

    private static string InBraces(ManifestField field) => $"{YamlScalarText.OfKey(field.Key)}: {Scalar(field.Value, inBraces: true)}";

    private static string Scalar(ManifestValue value, bool inBraces) => value switch
    {
        TextValue text => YamlScalarText.Of(text.Text, inBraces),
        WordValue word => word.Word,
        ScalarsValue list => $"[{string.Join(", ", list.Items.Select(item => Scalar(item, inBraces: true)))}]",
        MapValue map => InBraces(map.Map),
        MapsValue maps => $"[{string.Join(", ", maps.Items.Select(InBraces))}]",
        _ => throw new InvalidOperationException($"{value.GetType()} is no value of a manifest"),
    };

    private void Comment(string indent, string text)
    {
        var line = Finding.OneLine(text).TrimEnd();
        Line(line.Length == 0 ? $"{indent}#" : $"{indent}# {line}");
    }

    private void Line(string text) => _text.Append(text).Append('\n');
}
