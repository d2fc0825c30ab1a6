using System.Globalization;
using HaGrpc.Core.Model.Validation;

namespace HaGrpc.Core.Access;

/// <summary>Who may do what, and who may be let in or sent away (docs/adr/0031).</summary>
public static class AccessRules
{
    private const int MostNamed = 5;

    /// <summary>Why an account may not do something; null when it may.</summary>
    /// <param name="account">Whose it is.</param>
    /// <param name="needed">The role that is needed.</param>
    /// <param name="touched">Of which groups.</param>
    /// <param name="about">What it is about where it names no group, for people.</param>
    public static string? Denial(OperatorAccount account, OperatorRole needed, TouchedGroups touched, string about = "this")
    {
        if (account.Role < needed)
            return $"you are {account}: the role {OperatorAccount.NameOf(needed)} is missing for {touched.Shown(about)}";
        if (touched.IsEverything && !account.Groups.IsEmpty)
            return $"you are {account}: the role {OperatorAccount.NameOf(needed)} is missing for all groups, which this is about";
        var outside = touched.Names.Where(group => !account.Sees(group)).ToArray();
        return outside.Length == 0
            ? null
            : $"you are {account}: the role {OperatorAccount.NameOf(needed)} is missing for {Groups(outside)}";
    }

    /// <summary>Why an account cannot be added; null when it can.</summary>
    /// <param name="known">The accounts that there are.</param>
    /// <param name="added">The account.</param>
    /// <param name="own">The name of the certificate that the caller has; null for none.</param>
    public static string? AdditionProblem(IReadOnlyCollection<OperatorAccount> known, OperatorAccount added, string? own)
    {
        if (NameRules.Problem(added.Name, "operator") is { } problem)
            return $"name: {problem.Replace("a operator", "an operator", StringComparison.Ordinal)}";
        foreach (var pattern in added.Groups)
        {
            if (NameRules.Problem(pattern.Replace('*', 'x'), "group") is { } wrong)
                return $"groups: '{pattern}': {wrong}";
        }
        if (known.Any(a => a.Name == added.Name))
            return $"name: there is an operator {added.Name} already: remove it first";
        if (known.Count > 0)
            return null;
        if (!added.IsLastingAdmin)
            return $"role: the first operator must be an admin of all groups, without an end: else nobody could add others";
        return added.Kind == AccountKind.Token || added.Name == own ? null
            : own is null ? "name: the first operator must be you, and you have no client certificate: add one with a token, which is told to you"
            : $"name: the first operator must be you, {own}, or have a token: else nobody could come in as {added.Name}";
    }

    /// <summary>Why an account cannot be removed or disabled; null when it can.</summary>
    public static string? RemovalProblem(IReadOnlyCollection<OperatorAccount> known, string name) =>
        known.FirstOrDefault(a => a.Name == name) is { IsLastingAdmin: true } && known.Count(a => a.IsLastingAdmin) == 1
            ? $"{name} is the last admin of all groups without an end: add another one first"
            : null;

    /// <summary>Groups for people, the first few by name.</summary>
    internal static string Groups(IReadOnlyCollection<string> names)
    {
        var text = string.Join(", ", names.Order(StringComparer.Ordinal).Take(MostNamed));
        return names.Count switch
        {
            1 => $"group {text}",
            > MostNamed => string.Create(CultureInfo.InvariantCulture, $"groups {text} and {names.Count - MostNamed} more"),
            _ => $"groups {text}",
        };
    }
}
