using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HaGrpc.Ctl.Manifests;

/// <summary>
/// Builds trees from YamlDotNet's events. Its own representation model stops at the first duplicate key; here
/// duplicates stay, so that they are told together with everything else. No reflection takes part.
/// </summary>
internal sealed class YamlDocuments
{
    /// <summary>A manifest needs 10.</summary>
    private const int Deepest = 64;

    /// <summary>What an alias stands for counts each time: a small text can mean any number of values.</summary>
    private const int MostValues = 500_000;

    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, (YamlNode Node, int Values)> _anchors = [];
    private int _depth, _values;

    private YamlDocuments(TextReader text) => _parser = new Parser(text);

    /// <summary>The root of each document; empty documents are left out.</summary>
    /// <exception cref="YamlException">The text is not YAML, uses a key that is not a text, an alias of nothing, or is too much.</exception>
    internal static IEnumerable<YamlNode> Read(TextReader text)
    {
        var documents = new YamlDocuments(text);
        while (documents.Next())
        {
            if (documents._parser.Current is not DocumentStart)
                continue;
            documents._anchors.Clear();
            documents.Next();
            var root = documents.Node();
            if (root is not YamlScalar { IsNull: true })
                yield return root;
        }
    }

    // The current event begins the node; afterwards the current event is its last one.
    private YamlNode Node()
    {
        var at = _parser.Current ?? throw new YamlException("unexpected end of the text");
        var before = _values;
        Count(at, 1);
        switch (at)
        {
            case Scalar scalar:
                return Anchored(scalar, new YamlScalar(Line(at), scalar.Value, scalar.Style == ScalarStyle.Plain), before);
            case SequenceStart sequence:
                return Anchored(sequence, new YamlList(Line(at), Within(at, Items)), before);
            case MappingStart mapping:
                return Anchored(mapping, new YamlMap(Line(at), Within(at, Entries)), before);
            case AnchorAlias alias when _anchors.TryGetValue(alias.Value, out var known):
                Count(at, known.Values);
                return known.Node;
            case AnchorAlias alias:
                throw new YamlException(at.Start, at.End, $"alias *{alias.Value} of an anchor that does not exist before it");
            default:
                throw new YamlException(at.Start, at.End, $"unexpected {at.GetType().Name}");
        }
    }

    private List<YamlNode> Items()
    {
        var items = new List<YamlNode>();
        while (Next() && _parser.Current is not SequenceEnd)
            items.Add(Node());
        return items;
    }

    private List<YamlEntry> Entries()
    {
        var entries = new List<YamlEntry>();
        while (Next() && _parser.Current is not MappingEnd)
        {
            if (_parser.Current is not Scalar key)
                throw new YamlException(_parser.Current!.Start, _parser.Current.End, "a key must be a text");
            Next();
            entries.Add(new(Line(key), key.Value, Node()));
        }
        return entries;
    }

    private YamlNode Anchored(NodeEvent at, YamlNode node, int before)
    {
        if (!at.Anchor.IsEmpty)
            _anchors[at.Anchor] = (node, _values - before);
        return node;
    }

    // For some texts that are no YAML the parser fails in its own bookkeeping.
    private bool Next()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            var at = _parser.Current?.End ?? Mark.Empty;
            throw new YamlException(at, at, "what stands behind this cannot be read", e);
        }
    }

    private T Within<T>(ParsingEvent at, Func<T> read)
    {
        if (++_depth > Deepest)
            throw new YamlException(at.Start, at.End, $"nested more than {Deepest} deep: surely not a manifest");
        var inner = read();
        _depth--;
        return inner;
    }

    private void Count(ParsingEvent at, int values)
    {
        _values += values;
        if (_values > MostValues)
            throw new YamlException(at.Start, at.End, $"more than {MostValues} values, those of aliases counted each time: split it into several files");
    }

    private static int Line(ParsingEvent at) => (int)at.Start.Line;
}
