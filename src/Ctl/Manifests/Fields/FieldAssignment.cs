using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Import;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>
/// <c>field=value</c> of a command line: <c>priority=100</c>, <c>environment.MODE=production</c>, <c>exit_codes=0,2</c>, <c>user=</c> for the default.
/// Only put into a manifest here: its reader judges it.
/// </summary>
internal static class FieldAssignment
{
    private static readonly Origin Nowhere = new("", 0, "");

    /// <summary>Does what the text says to an object of a manifest.</summary>
    /// <param name="text">The assignment.</param>
    /// <param name="section">Knows the fields.</param>
    /// <param name="map">The object.</param>
    /// <exception cref="UsageException">It is no assignment, or of no single field.</exception>
    internal static void Apply(string text, ISection section, ManifestMap map)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new UsageException($"{text}: write FIELD=VALUE, or FIELD= for the default");
        Put(text[..equals], text[(equals + 1)..], section, map, text);
    }

    private static void Put(string path, string value, ISection section, ManifestMap map, string text)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        var name = dot < 0 ? path : path[..dot];
        // A field that there is not is the reader's to tell.
        var shape = section.Fields.FirstOrDefault(field => field.Name == name)?.Shape ?? FieldShape.Text;
        if (dot < 0)
        {
            map.Fields.RemoveAll(field => field.Key == name);
            if (value.Length > 0)
                map.Add(name, ValueOf(shape, value) ?? throw new UsageException($"{text}: {name} has fields of its own: write {name}.FIELD=VALUE"));
            return;
        }
        var rest = path[(dot + 1)..];
        switch (MapOf(shape))
        {
            case MapShape inner:
                Put(rest, value, inner.Section, Inner(map, name), text);
                break;
            case TextsShape:
                var texts = Inner(map, name);
                texts.Fields.RemoveAll(field => field.Key == rest);
                if (value.Length > 0)
                    texts.Text(rest, value);
                break;
            default:
                throw new UsageException($"{text}: {name} has no fields of its own");
        }
        if (Inner(map, name).Fields.Count == 0)
            map.Fields.RemoveAll(field => field.Key == name);
    }

    private static ManifestMap Inner(ManifestMap map, string name)
    {
        if (map.Find(name)?.Value is MapValue there)
            return there.Map;
        map.Fields.RemoveAll(field => field.Key == name);
        var made = new ManifestMap(Nowhere) { IsShort = true };
        map.Add(name, new MapValue(made));
        return made;
    }

    private static FieldShape? MapOf(FieldShape shape) => shape switch
    {
        MapShape or TextsShape => shape,
        AnyShape any => any.Shapes.Select(MapOf).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static ManifestValue? ValueOf(FieldShape shape, string value) => shape switch
    {
        ListShape list => new ScalarsValue([.. value.Split(',').Select(item => ValueOf(list.Item, item.Trim()) ?? new TextValue(item))]),
        ScalarShape { Kind: ScalarKind.Number or ScalarKind.Flag } when IsPlain(value) => new WordValue(value),
        ScalarShape or WordsShape => new TextValue(value),
        AnyShape any => any.Shapes.Select(one => ValueOf(one, value)).FirstOrDefault(found => found is not null),
        _ => null,
    };

    // Whatever else somebody writes for a number stands in quotes, so that it is a wrong number and no other YAML.
    private static bool IsPlain(string value) => value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '+');
}
