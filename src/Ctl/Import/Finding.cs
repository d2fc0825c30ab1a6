namespace HaGrpc.Ctl.Import;

/// <summary>Something that the manifest does not say, or says in another way.</summary>
/// <param name="IsLost">True: it was not carried over. False: nothing is lost, but somebody who reviews the manifest should know.</param>
/// <param name="At">Where it was said.</param>
/// <param name="Reason">Why, and what to do instead.</param>
internal sealed record Finding(bool IsLost, Origin At, string Reason)
{
    /// <summary><c>file:line: option: reason</c>, in one line whatever stood there.</summary>
    public override string ToString() => OneLine($"{At}: {Reason}");

    /// <summary>A text without line breaks and other control characters: what is imported does not command a terminal.</summary>
    internal static string OneLine(string text) =>
        string.Concat(text.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? (c == '\t' ? ' ' : '?') : c));
}
