using System.Globalization;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Import;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>Values of messages as a manifest writes them; null where there is nothing to write.</summary>
internal static class FieldValue
{
    internal static TextValue Text(string text) => new(text);

    internal static WordValue Word(string word) => new(word);

    internal static WordValue Number(long number) => new(number.ToString(CultureInfo.InvariantCulture));

    internal static WordValue Flag(bool flag) => new(flag ? "true" : "false");

    internal static WordValue? Duration(Duration? duration) =>
        duration is null ? null : new WordValue(DurationText.Format(duration.ToModel(TimeSpan.Zero)));

    internal static WordValue Size(long bytes) => new(SizeText.Format(bytes));

    internal static ScalarsValue? TextList(IReadOnlyCollection<string> texts) =>
        texts.Count == 0 ? null : new ScalarsValue([.. texts.Select(text => new TextValue(text))]);

    internal static ScalarsValue? Words(IReadOnlyCollection<string> words) =>
        words.Count == 0 ? null : new ScalarsValue([.. words.Select(Word)]);

    /// <summary>One word by itself, or a list.</summary>
    internal static ManifestValue? WordOrWords(IReadOnlyCollection<string> words) => words.Count == 1 ? Word(words.First()) : Words(words);

    internal static MapValue? Texts(MapField<string, string> texts)
    {
        if (texts.Count == 0)
            return null;
        var map = new ManifestMap(new Origin("", 0, ""));
        foreach (var (key, text) in texts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            map.Text(key, text);
        return new MapValue(map);
    }

    internal static MapValue? Map<T>(Section<T> section, T? item)
        where T : class => item is null ? null : new MapValue(section.Of(item));

    internal static MapsValue? Maps<T>(Section<T> section, IReadOnlyCollection<T> items) =>
        items.Count == 0 ? null : new MapsValue([.. items.Select(item => section.Of(item))]);

    /// <summary>The word that a section's reader takes for an enum's value: KEEPALIVED_STATE is keepalived_state.</summary>
    internal static WordValue? Enum<T>(T value)
        where T : struct, System.Enum
    {
        var name = value.ToString();
        return name == "Unspecified" ? null : new WordValue(Snake(name));
    }

    /// <summary>KeepalivedState as keepalived_state.</summary>
    internal static string Snake(string name) => string.Concat(name.Select((c, at) =>
        char.IsUpper(c) ? (at == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
