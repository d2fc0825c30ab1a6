namespace HaGrpc.Ctl.Import;

/// <summary>Where something was said in the configuration that is imported.</summary>
/// <param name="File">As the operator named it, or as an include led to it.</param>
/// <param name="Line">From 1; 0 when the whole file is meant.</param>
/// <param name="Option">What was said, with the section it stood in: <c>[program:web] stopsignal</c>; empty when nothing in particular.</param>
internal sealed record Origin(string File, int Line, string Option)
{
    /// <summary><c>file:line: option</c>.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? $"{File}:{Line}" : File;
        return Option.Length > 0 ? $"{place}: {Option}" : place;
    }
}
