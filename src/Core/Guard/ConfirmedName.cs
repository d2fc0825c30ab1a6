using System.Globalization;

namespace HaGrpc.Core.Guard;

/// <summary>What a person says again who confirms an act.</summary>
public static class ConfirmedName
{
    private const int MostGroups = 5;

    /// <summary>The word for everything.</summary>
    public const string All = "all";

    /// <summary>Of some groups: their names with commas between them; of many how many they are, for nobody would type them.</summary>
    /// <param name="groups">At least one.</param>
    public static string Of(IReadOnlyCollection<string> groups) => groups.Count <= MostGroups
        ? string.Join(',', groups.Order(StringComparer.Ordinal))
        : string.Create(CultureInfo.InvariantCulture, $"{groups.Count}-groups");

    /// <summary>Whether what somebody says is the name; the order of several does not matter.</summary>
    public static bool Matches(string name, string? said) => said is not null && Parts(name).SetEquals(Parts(said));

    private static HashSet<string> Parts(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
}
