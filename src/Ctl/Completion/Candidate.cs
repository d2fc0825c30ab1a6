namespace HaGrpc.Ctl.Completion;

/// <summary>What a word that is begun could be.</summary>
/// <param name="Word">The whole word.</param>
/// <param name="Meaning">What to say of it; empty for nothing.</param>
internal sealed record Candidate(string Word, string Meaning = "")
{
    /// <summary>True when more has to follow in the same word, as behind <c>priority=</c> or a folder: no space comes then.</summary>
    internal bool IsOpen => Word[^1] is '=' or '/';
}
