namespace HaGrpc.ControlPlane.Configuration;

/// <summary>What was wrong before options could be bound: reported together with what is wrong in them.</summary>
/// <param name="All">One line each: field, value, what would be right.</param>
internal sealed record ConfigurationErrors(IReadOnlyList<string> All)
{
    /// <summary>One line: field, value, what would be right.</summary>
    public static string Line(string field, string value, string right) => $"{field} is '{value}': {right}";
}
