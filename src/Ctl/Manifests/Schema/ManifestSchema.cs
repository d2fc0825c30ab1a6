using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HaGrpc.Ctl.Manifests.Fields;

namespace HaGrpc.Ctl.Manifests.Schema;

/// <summary>Manifests as a JSON schema, for editors: which fields there are and what may stand in them. What goes together is validation's.</summary>
internal static class ManifestSchema
{
    private const string Duration = @"^([0-9]+(\.[0-9]+)?(h|ms|m|s|us))+$";

    /// <summary>The text of docs/reference/manifest.schema.json.</summary>
    internal static string Text()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(json);
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter json)
    {
        var sections = new SortedDictionary<string, ISection>(StringComparer.Ordinal);
        json.WriteStartObject();
        json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
        json.WriteString("title", "A manifest of hactl apply");
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        foreach (var (name, section) in ((string, ISection)[])
            [("hosts", HostFields.Section), ("groups", GroupFields.Section), ("programs", ProgramFields.AtTop)])
        {
            json.WriteStartObject(name);
            WriteShape(json, FieldShape.Maps(section), sections);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        WriteSections(json, sections);
        json.WriteEndObject();
    }

    /// <summary>Each section once; writing one may find others.</summary>
    private static void WriteSections(Utf8JsonWriter json, SortedDictionary<string, ISection> sections)
    {
        var written = new HashSet<string>(StringComparer.Ordinal);
        json.WriteStartObject("$defs");
        while (sections.FirstOrDefault(found => !written.Contains(found.Key)) is { Value: { } section })
        {
            _ = written.Add(section.Name);
            json.WriteStartObject(section.Name);
            json.WriteString("type", "object");
            json.WriteBoolean("additionalProperties", false);
            json.WriteStartObject("properties");
            foreach (var field in section.Fields)
            {
                json.WriteStartObject(field.Name);
                json.WriteString("description", field.Meaning);
                WriteShape(json, field.Shape, sections);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            if (section.Fields.Any(field => field.IsRequired))
            {
                json.WriteStartArray("required");
                foreach (var field in section.Fields.Where(field => field.IsRequired))
                    json.WriteStringValue(field.Name);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteShape(Utf8JsonWriter json, FieldShape shape, SortedDictionary<string, ISection> sections)
    {
        switch (shape)
        {
            case ScalarShape scalar:
                WriteScalar(json, scalar.Kind);
                break;
            case WordsShape words:
                json.WriteStartArray("enum");
                foreach (var word in words.Choices)
                    json.WriteStringValue(word);
                json.WriteEndArray();
                break;
            case TextsShape:
                json.WriteString("type", "object");
                json.WriteStartObject("additionalProperties");
                WriteScalar(json, ScalarKind.Text);
                json.WriteEndObject();
                break;
            case ListShape list:
                json.WriteString("type", "array");
                json.WriteStartObject("items");
                WriteShape(json, list.Item, sections);
                json.WriteEndObject();
                break;
            case MapShape map:
                sections[map.Section.Name] = map.Section;
                json.WriteString("$ref", $"#/$defs/{map.Section.Name}");
                break;
            case AnyShape any:
                json.WriteStartArray("anyOf");
                foreach (var one in any.Shapes)
                {
                    json.WriteStartObject();
                    WriteShape(json, one, sections);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                break;
            default:
                throw new InvalidOperationException($"{shape.GetType()} has no schema");
        }
    }

    private static void WriteScalar(Utf8JsonWriter json, ScalarKind kind)
    {
        switch (kind)
        {
            case ScalarKind.Number:
                json.WriteString("type", "integer");
                break;
            case ScalarKind.Flag:
                json.WriteString("type", "boolean");
                break;
            case ScalarKind.Duration:
                json.WriteString("type", "string");
                json.WriteString("pattern", Duration);
                break;
            default:
                // YAML makes numbers and truth values of texts that look so; the reader takes them for what was written.
                json.WriteStartArray("type");
                json.WriteStringValue("string");
                json.WriteStringValue("number");
                if (kind == ScalarKind.Text)
                    json.WriteStringValue("boolean");
                json.WriteEndArray();
                break;
        }
    }
}
