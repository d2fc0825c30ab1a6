namespace HaGrpc.Ctl.Manifests;

/// <summary>A node of a YAML document with the line it begins on.</summary>
internal abstract record YamlNode(int Line);

/// <summary>A scalar. <paramref name="Plain"/>: written without quotes, so that it may be a number, a truth value or
/// null.</summary>
internal sealed record YamlScalar(int Line, string Text, bool Plain) : YamlNode(Line)
{
    internal bool IsNull => Plain && Text is "" or "~" or "null";
}

/// <summary>A list.</summary>
internal sealed record YamlList(int Line, IReadOnlyList<YamlNode> Items) : YamlNode(Line);

/// <summary>A mapping whose keys are texts, in the order of the file, duplicates included.</summary>
internal sealed record YamlMap(int Line, IReadOnlyList<YamlEntry> Entries) : YamlNode(Line);

/// <summary>A key and its value.</summary>
internal sealed record YamlEntry(int Line, string Key, YamlNode Value);
