using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests;

/// <summary>
/// Reads the fields of one mapping. Every getter names a field that exists; what is left over at the end is unknown.
/// A wrong value is reported and read as absent, so that reading goes on.
/// </summary>
internal sealed class MapReader
{
    private readonly Manifest _manifest;
    private readonly Dictionary<string, YamlNode> _fields = new(StringComparer.Ordinal);
    private readonly List<YamlEntry> _entries = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Place _place;
    private readonly string _path;

    /// <param name="manifest">Takes places and errors.</param>
    /// <param name="map">What is read.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="path">What it is in the request; empty for a document.</param>
    internal MapReader(Manifest manifest, YamlMap map, Place place, string path)
    {
        (_manifest, _place, _path) = (manifest, place, path);
        if (path.Length > 0)
            manifest.Locate(path, place);
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in map.Entries)
        {
            if (_fields.TryAdd(entry.Key, entry.Value))
            {
                _entries.Add(entry);
                lines.Add(entry.Key, entry.Line);
                continue;
            }
            manifest.AddError(Path(entry.Key), At(entry.Key, entry.Line), "", $"duplicate field; the first is on line {lines[entry.Key]}");
        }
    }

    /// <summary>The field as it stands; null when absent. Its place is known from now on.</summary>
    internal YamlNode? Node(string field)
    {
        _known.Add(field);
        if (!_fields.TryGetValue(field, out var node))
            return null;
        _manifest.Locate(Path(field), At(field, node.Line));
        return node;
    }

    /// <summary>A text; anything scalar is one.</summary>
    internal string? Text(string field) => Scalar(field, "a text")?.Text;

    /// <summary>A whole number.</summary>
    internal int? Number(string field) => Scalar(field, "a whole number") is { } scalar ? Number(field, scalar) : null;

    /// <summary>true or false.</summary>
    internal bool? Flag(string field)
    {
        if (Scalar(field, "true or false") is not { } scalar)
            return null;
        if (scalar.Plain && scalar.Text is "true" or "false")
            return scalar.Text == "true";
        Wrong(field, scalar, "must be true or false");
        return null;
    }

    /// <summary>A duration with a unit.</summary>
    internal TimeSpan? Duration(string field)
    {
        if (Scalar(field, "a duration such as 1.5s") is not { } scalar)
            return null;
        if (DurationText.TryParse(scalar.Text, out var duration))
            return duration;
        var hint = scalar.Text.Length > 0 && scalar.Text.All(char.IsAsciiDigit)
            ? $"a duration needs its unit: {scalar.Text}s or {scalar.Text}ms"
            : "not a duration; write 300ms, 1.5s, 5m or 1h30m";
        Wrong(field, scalar, hint);
        return null;
    }

    /// <summary>A size in bytes, which may have a unit.</summary>
    internal long? Size(string field)
    {
        if (Scalar(field, "a size such as 50mb") is not { } scalar)
            return null;
        if (SizeText.TryParse(scalar.Text, out var size))
            return size;
        Wrong(field, scalar, "not a size; write bytes, or kb, mb, gb or tb behind a whole number: 50mb");
        return null;
    }

    /// <summary>One of a few words.</summary>
    internal T? Choice<T>(string field, params (string Word, T Value)[] choices)
        where T : struct
    {
        var words = string.Join(", ", choices.Select(choice => choice.Word));
        if (Scalar(field, $"one of {words}") is not { } scalar)
            return null;
        foreach (var (word, value) in choices)
        {
            if (scalar.Text == word)
                return value;
        }
        Wrong(field, scalar, $"must be one of {words}");
        return null;
    }

    /// <summary>Some of a few words: a list of them, or one by itself; empty when absent.</summary>
    internal IReadOnlyList<T> Choices<T>(string field, params (string Word, T Value)[] choices)
        where T : struct
    {
        if (Node(field) is not YamlList list)
            return Choice(field, choices) is { } one ? [one] : [];
        var chosen = new List<T>();
        foreach (var item in list.Items)
        {
            var found = choices.Where(choice => item is YamlScalar scalar && scalar.Text == choice.Word).Select(choice => (T?)choice.Value).FirstOrDefault();
            if (found is { } value)
                chosen.Add(value);
            else
                Wrong(field, item, $"must be one of {string.Join(", ", choices.Select(choice => choice.Word))}");
        }
        return chosen;
    }

    /// <summary>A list of whole numbers, at least one; null when absent.</summary>
    internal IReadOnlyList<int>? Numbers(string field)
    {
        if (Node(field) is not { } node)
            return null;
        // The request could not tell it from one that says nothing.
        if (node is YamlList { Items.Count: 0 })
            Wrong(field, node, "must name one number at least; leave it out for the default");
        return [.. Items(field).Select((item, index) => Number($"{field}[{index}]", item)).OfType<int>()];
    }

    /// <summary>A list of texts; empty when absent.</summary>
    internal IReadOnlyList<string> TextList(string field)
    {
        var texts = new List<string>();
        foreach (var item in Items(field))
        {
            var name = $"{field}[{texts.Count}]";
            _manifest.Locate(Path(name), At(name, item.Line));
            texts.Add(item is YamlScalar { IsNull: false } scalar ? scalar.Text : "");
            if (item is not YamlScalar { IsNull: false })
                Wrong(name, item, "must be a text");
        }
        return texts;
    }

    /// <summary>A mapping of texts to texts.</summary>
    internal IEnumerable<(string Key, string Value)> Texts(string field)
    {
        if (Map(field) is not { } map)
            yield break;
        foreach (var entry in map._entries)
        {
            if (map.Text(entry.Key) is { } text)
                yield return (entry.Key, text);
        }
    }

    /// <summary>A mapping inside this one; null when absent or not a mapping.</summary>
    internal MapReader? Map(string field)
    {
        switch (Node(field))
        {
            case null or YamlScalar { IsNull: true }:
                return null;
            case YamlMap map:
                return new(_manifest, map, At(field, map.Line), Path(field));
            case { } other:
                Wrong(field, other, "must be a mapping of fields to values");
                return null;
        }
    }

    /// <summary>The mappings of a list; <paramref name="count"/> says how many the request has of them, since the
    /// list's own positions are those of the file.</summary>
    internal IEnumerable<MapReader> Maps(string field, Func<int> count, string? requestPath = null)
    {
        var index = 0;
        foreach (var item in Items(field))
        {
            var place = At($"{field}[{index++}]", item.Line);
            var path = $"{requestPath ?? Path(field)}[{count()}]";
            if (item is YamlMap map)
                yield return new(_manifest, map, place, path);
            else
                _manifest.AddError("", place, Shown(item), "must be a mapping of fields to values");
        }
    }

    /// <summary>Reports a value of a field.</summary>
    internal void Wrong(string field, YamlNode node, string message) =>
        _manifest.AddError(Path(field), At(field, node.Line), Shown(node), message);

    /// <summary>Reports a field that must be there and is not.</summary>
    internal void Missing(string field, string message)
    {
        if (!_fields.ContainsKey(field))
            _manifest.AddError(Path(field), At(field, _place.Line), "", message);
    }

    /// <summary>Makes the place of a field known under a second name of the request.</summary>
    internal void AlsoCalled(string field, string name)
    {
        if (_fields.TryGetValue(field, out var node))
            _manifest.Locate(Path(name), At(field, node.Line));
    }

    /// <summary>Reports every field that no getter has asked for.</summary>
    internal void RefuseOthers()
    {
        foreach (var entry in _entries.Where(entry => !_known.Contains(entry.Key)))
        {
            _manifest.AddError(Path(entry.Key), At(entry.Key, entry.Line), "",
                $"unknown field; {FieldHints.Hint(entry.Key, _known)}");
        }
    }

    private IReadOnlyList<YamlNode> Items(string field)
    {
        switch (Node(field))
        {
            case null or YamlScalar { IsNull: true }:
                return [];
            case YamlList list:
                return list.Items;
            case { } other:
                Wrong(field, other, "must be a list: lines that begin with '- ', or [a, b]");
                return [];
        }
    }

    private YamlScalar? Scalar(string field, string what)
    {
        switch (Node(field))
        {
            case null:
                return null;
            case YamlScalar { IsNull: false } scalar:
                return scalar;
            case YamlScalar empty:
                Wrong(field, empty, $"is empty: give {what}, or leave the field out");
                return null;
            case { } other:
                Wrong(field, other, $"must be {what}");
                return null;
        }
    }

    private int? Number(string field, YamlNode node)
    {
        _manifest.Locate(Path(field), At(field, node.Line));
        if (node is YamlScalar { Plain: true } scalar && int.TryParse(
                scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }
        Wrong(field, node, "must be a whole number");
        return null;
    }

    private static string Shown(YamlNode node) => node switch
    {
        YamlScalar scalar => scalar.Text,
        YamlList => "a list",
        _ => "a mapping",
    };

    private string Path(string field) => _path.Length == 0 ? field : $"{_path}.{field}";

    private Place At(string field, int line) =>
        _place with { Line = line, Field = _place.Field.Length == 0 ? field : $"{_place.Field}.{field}" };
}
