using System.Collections.Immutable;

namespace HaGrpc.Core.Access;

/// <summary>The groups that a call is about.</summary>
/// <param name="IsEverything">True: it is about more than the groups that are known now.</param>
/// <param name="Names">The groups' names.</param>
public sealed record TouchedGroups(bool IsEverything, ImmutableArray<string> Names)
{
    /// <inheritdoc/>
    public override string ToString() => IsEverything ? "all groups"
        : Names.IsEmpty ? "this"
        : AccessRules.Groups(Names);
}
