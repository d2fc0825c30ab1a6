using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Manifests.Differences;

/// <summary>A field that an apply changes.</summary>
/// <param name="Field">As written inside the object: <c>timing.ttl</c>, <c>members[b].priority</c>.</param>
/// <param name="From">What stands there now; null for nothing.</param>
/// <param name="To">What the manifest says; null for nothing.</param>
internal sealed record FieldDifference(string Field, string? From, string? To)
{
    /// <summary>What tells the items of a list apart.</summary>
    private static readonly string[] Keys = ["host", "name", "address", "destination"];

    /// <summary>Compares two objects field by field.</summary>
    /// <param name="before">What is stored, with every field; null for a new object.</param>
    /// <param name="after">What the manifest says, with every field.</param>
    internal static IReadOnlyList<FieldDifference> Between(ManifestMap? before, ManifestMap after)
    {
        var (known, wanted) = (new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        if (before is not null)
            Collect(before, "", known);
        Collect(after, "", wanted);
        return
        [
            .. wanted.Where(field => known.GetValueOrDefault(field.Key) != field.Value)
                .Select(field => new FieldDifference(field.Key, known.GetValueOrDefault(field.Key), field.Value)),
            .. known.Where(field => !wanted.ContainsKey(field.Key)).Select(field => new FieldDifference(field.Key, field.Value, null)),
        ];
    }

    private static void Collect(ManifestMap map, string path, Dictionary<string, string> fields)
    {
        foreach (var field in map.Fields)
        {
            var name = path.Length == 0 ? field.Key : $"{path}.{field.Key}";
            switch (field.Value)
            {
                case MapValue inner:
                    Collect(inner.Map, name, fields);
                    break;
                case MapsValue list:
                    // Their order is a change too.
                    fields[name] = $"[{string.Join(", ", list.Items.Select(KeyOf))}]";
                    foreach (var item in list.Items)
                        Collect(item, $"{name}[{KeyOf(item)}]", fields);
                    break;
                default:
                    fields[name] = Shown(field.Value);
                    break;
            }
        }
    }

    private static string KeyOf(ManifestMap item) => item.TextOf(Keys.FirstOrDefault(key => item.Find(key) is not null) ?? "");

    private static string Shown(ManifestValue value) => value switch
    {
        TextValue text => YamlScalarText.Of(text.Text, inBraces: false),
        WordValue word => word.Word,
        ScalarsValue list => $"[{string.Join(", ", list.Items.Select(Shown))}]",
        _ => "",
    };
}
