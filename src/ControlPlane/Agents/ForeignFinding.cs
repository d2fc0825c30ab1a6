using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Findings as agents bring them: names of files and processes are in them, which anybody on a host may choose.</summary>
internal static class ForeignFinding
{
    private const int MostCharacters = 500;

    /// <summary>The finding as operators may see it.</summary>
    public static Finding Visible(Finding said) => new()
    {
        What = ForeignText.Visible(said.What, MostCharacters),
        Subject = ForeignText.Visible(said.Subject, MostCharacters),
        Verdict = said.Verdict is Verdict.Ok or Verdict.Warning ? said.Verdict : Verdict.Fails,
        Value = ForeignText.Visible(said.Value, MostCharacters),
        Right = ForeignText.Visible(said.Right, MostCharacters),
    };
}
