using System.Collections.Immutable;

namespace HaGrpc.Core.Access;

/// <summary>The groups that a call is about.</summary>
/// <param name="IsEverything">True: it is about more than the groups that are known now.</param>
/// <param name="Names">The groups' names.</param>
public sealed record TouchedGroups(bool IsEverything, ImmutableArray<string> Names)
{
    /// <summary>The groups for people.</summary>
    /// <param name="about">What the call is about where it names none.</param>
    public string Shown(string about) => IsEverything ? "all groups"
        : Names.IsEmpty ? about
        : AccessRules.Groups(Names);
}
