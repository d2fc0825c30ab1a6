using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HaGrpc.Ctl.Manifests;

/// <summary>
/// Builds trees from YamlDotNet's events. Its own representation model stops at the first duplicate key; here
/// duplicates stay, so that they are told together with everything else. No reflection takes part.
/// </summary>
internal sealed class YamlDocuments
{
    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, YamlNode> _anchors = [];

    private YamlDocuments(TextReader text) => _parser = new Parser(text);

    /// <summary>The root of each document; empty documents are left out.</summary>
    /// <exception cref="YamlException">The text is not YAML, uses a key that is not a text, or an alias of nothing.</exception>
    internal static IEnumerable<YamlNode> Read(TextReader text)
    {
        var documents = new YamlDocuments(text);
        while (documents._parser.MoveNext())
        {
            if (documents._parser.Current is not DocumentStart)
                continue;
            documents._anchors.Clear();
            documents._parser.MoveNext();
            var root = documents.Node();
            if (root is not YamlScalar { IsNull: true })
                yield return root;
        }
    }

    // The current event begins the node; afterwards the current event is its last one.
    private YamlNode Node()
    {
        var at = _parser.Current ?? throw new YamlException("unexpected end of the text");
        switch (at)
        {
            case Scalar scalar:
                return Anchored(scalar, new YamlScalar(Line(at), scalar.Value, scalar.Style == ScalarStyle.Plain));
            case SequenceStart sequence:
                return Anchored(sequence, new YamlList(Line(at), Items()));
            case MappingStart mapping:
                return Anchored(mapping, new YamlMap(Line(at), Entries()));
            case AnchorAlias alias when _anchors.TryGetValue(alias.Value, out var node):
                return node;
            case AnchorAlias alias:
                throw new YamlException(at.Start, at.End, $"alias *{alias.Value} of an anchor that does not exist before it");
            default:
                throw new YamlException(at.Start, at.End, $"unexpected {at.GetType().Name}");
        }
    }

    private List<YamlNode> Items()
    {
        var items = new List<YamlNode>();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
            items.Add(Node());
        return items;
    }

    private List<YamlEntry> Entries()
    {
        var entries = new List<YamlEntry>();
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            if (_parser.Current is not Scalar key)
                throw new YamlException(_parser.Current!.Start, _parser.Current.End, "a key must be a text");
            _parser.MoveNext();
            entries.Add(new(Line(key), key.Value, Node()));
        }
        return entries;
    }

    private YamlNode Anchored(NodeEvent at, YamlNode node)
    {
        if (!at.Anchor.IsEmpty)
            _anchors[at.Anchor] = node;
        return node;
    }

    private static int Line(ParsingEvent at) => (int)at.Start.Line;
}
