namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>What may stand in a field, as far as an editor can tell; the rest is validation's.</summary>
internal abstract record FieldShape
{
    internal static FieldShape Text { get; } = new ScalarShape(ScalarKind.Text);

    internal static FieldShape Number { get; } = new ScalarShape(ScalarKind.Number);

    internal static FieldShape Flag { get; } = new ScalarShape(ScalarKind.Flag);

    /// <summary>300ms, 1.5s, 5m, 1h30m.</summary>
    internal static FieldShape Duration { get; } = new ScalarShape(ScalarKind.Duration);

    /// <summary>A number, or one with a unit: 64mb, 150%, unlimited.</summary>
    internal static FieldShape Amount { get; } = new ScalarShape(ScalarKind.Amount);

    /// <summary>A mapping of names to texts.</summary>
    internal static FieldShape Texts { get; } = new TextsShape();

    internal static FieldShape Words(params string[] words) => new WordsShape(words);

    internal static FieldShape List(FieldShape item) => new ListShape(item);

    internal static FieldShape Map(ISection section) => new MapShape(section);

    internal static FieldShape Maps(ISection section) => new ListShape(new MapShape(section));

    internal static FieldShape Any(params FieldShape[] shapes) => new AnyShape(shapes);
}

/// <summary>One value.</summary>
internal sealed record ScalarShape(ScalarKind Kind) : FieldShape;

/// <summary>One of a few words.</summary>
internal sealed record WordsShape(IReadOnlyList<string> Choices) : FieldShape;

/// <summary>A list.</summary>
internal sealed record ListShape(FieldShape Item) : FieldShape;

/// <summary>A mapping of names that nobody knows before.</summary>
internal sealed record TextsShape : FieldShape;

/// <summary>A mapping with these fields and no others.</summary>
internal sealed record MapShape(ISection Section) : FieldShape;

/// <summary>One of several.</summary>
internal sealed record AnyShape(IReadOnlyList<FieldShape> Shapes) : FieldShape;

/// <summary>What a single value is.</summary>
internal enum ScalarKind
{
    Text,
    Number,
    Flag,
    Duration,
    Amount,
}
