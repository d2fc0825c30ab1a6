using System.Text;

namespace HaGrpc.Ctl.Output;

/// <summary>Where results go, with how they are to look: what writes them needs no further word about it.</summary>
/// <param name="to">Takes the text.</param>
internal sealed class Page(TextWriter to) : TextWriter
{
    /// <summary>Colours, or none.</summary>
    internal Ink Ink { get; init; } = Ink.None;

    /// <summary>True when documents come as YAML in place of JSON.</summary>
    internal bool IsYaml { get; init; }

    /// <summary>True when tables have all their columns.</summary>
    internal bool IsWide { get; init; }

    /// <summary>How wide it is, when lines that are longer are cut off there: names are shortened then, so that the state beside them is seen. 0: they are not.</summary>
    internal int Columns { get; init; }

    /// <inheritdoc/>
    public override Encoding Encoding => to.Encoding;

    /// <summary>How results look that go to <paramref name="output"/>; plain when nobody has said.</summary>
    internal static Page Of(TextWriter output) => output as Page ?? new(output);

    /// <summary>The same look elsewhere.</summary>
    internal Page At(TextWriter other, int columns = 0) => new(other) { Ink = Ink, IsYaml = IsYaml, IsWide = IsWide, Columns = columns };

    /// <inheritdoc/>
    public override void Write(char value) => to.Write(value);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => to.Write(buffer, index, count);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => to.Write(buffer);

    /// <inheritdoc/>
    public override void Write(string? value) => to.Write(value);

    /// <inheritdoc/>
    public override void WriteLine() => to.WriteLine();

    /// <inheritdoc/>
    public override void WriteLine(string? value) => to.WriteLine(value);

    /// <inheritdoc/>
    public override void Flush() => to.Flush();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => to.FlushAsync(cancellationToken);
}
