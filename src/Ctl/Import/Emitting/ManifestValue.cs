namespace HaGrpc.Ctl.Import.Emitting;

/// <summary>A value that is going to be written into a manifest.</summary>
internal abstract record ManifestValue;

/// <summary>A text, quoted where YAML needs it.</summary>
internal sealed record TextValue(string Text) : ManifestValue;

/// <summary>A number, truth value, word, duration or size of the manifest's own language: never quoted.</summary>
internal sealed record WordValue(string Word) : ManifestValue;

/// <summary>A list of scalars, written in brackets.</summary>
internal sealed record ScalarsValue(IReadOnlyList<ManifestValue> Items) : ManifestValue;

/// <summary>A mapping.</summary>
internal sealed record MapValue(ManifestMap Map) : ManifestValue;

/// <summary>A list of mappings.</summary>
internal sealed record MapsValue(List<ManifestMap> Items) : ManifestValue;

/// <summary>A field and what it was made from.</summary>
internal sealed record ManifestField(string Key, ManifestValue Value, Origin Origin);
