namespace HaGrpc.Ctl.Import.Emitting;

/// <summary>A mapping of a manifest before it is text. Each field remembers what it was made from, so that whatever the manifest's reader says
/// about it can be told of the old configuration.</summary>
internal sealed class ManifestMap(Origin origin)
{
    /// <summary>What the whole was made from; fields that were not given an origin have this one.</summary>
    internal Origin Origin { get; } = origin;

    /// <summary>In the order in which they are written.</summary>
    internal List<ManifestField> Fields { get; } = [];

    /// <summary>Lines of comment in front of it.</summary>
    internal List<string> Comments { get; } = [];

    /// <summary>True: one line in braces.</summary>
    internal bool IsShort { get; init; }

    internal ManifestMap Text(string key, string text, Origin? at = null) => Add(key, new TextValue(text), at);

    internal ManifestMap Word(string key, string word, Origin? at = null) => Add(key, new WordValue(word), at);

    internal ManifestMap Add(string key, ManifestValue value, Origin? at = null)
    {
        Fields.Add(new(key, value, at ?? Origin));
        return this;
    }

    /// <summary>The items of a list of mappings, which is made when it is not there.</summary>
    internal List<ManifestMap> Items(string key)
    {
        if (Find(key)?.Value is MapsValue there)
            return there.Items;
        var items = new List<ManifestMap>();
        Add(key, new MapsValue(items));
        return items;
    }

    internal ManifestField? Find(string key) => Fields.Find(field => field.Key == key);

    /// <summary>The text of a field; empty when there is none.</summary>
    internal string TextOf(string key) => Find(key)?.Value switch { TextValue text => text.Text, WordValue word => word.Word, _ => "" };
}
