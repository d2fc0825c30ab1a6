using System.Collections.Immutable;

namespace HaGrpc.Core.Access;

/// <summary>By what an operator is recognised.</summary>
public enum AccountKind
{
    /// <summary>A client certificate that carries the account's name.</summary>
    Certificate,

    /// <summary>A token, for automation.</summary>
    Token,
}

/// <summary>Somebody who may use the control plane.</summary>
/// <param name="Name">The name, of the certificate or given.</param>
/// <param name="Kind">By what they are recognised.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Groups">Of which groups: names with <c>*</c> and <c>?</c>; empty for all, also those that come later.</param>
/// <param name="ExpiresAt">Until when, by the control plane's wall clock; null for no end.</param>
/// <param name="IsDisabled">True: they may nothing for now.</param>
public sealed record OperatorAccount(
    string Name, AccountKind Kind, OperatorRole Role, ImmutableArray<string> Groups, DateTimeOffset? ExpiresAt, bool IsDisabled)
{
    /// <summary>True when the account keeps the door open: an admin of everything, for good.</summary>
    public bool IsLastingAdmin => this is { Role: OperatorRole.Admin, Groups.IsEmpty: true, ExpiresAt: null, IsDisabled: false };

    /// <summary>Whether the account's role is also one for this group.</summary>
    public bool Sees(string group) => Groups.IsEmpty || Groups.Any(pattern => NamePattern.Matches(pattern, group));

    /// <summary>Whether the account's role is one for something that is about these groups; of what is about everything for all of them only.</summary>
    public bool SeesAny(TouchedGroups touched) => Groups.IsEmpty || (!touched.IsEverything && touched.Names.Any(Sees));

    /// <summary>Why the account is good for nothing now; null when it is not so.</summary>
    public string? Obstacle(DateTimeOffset now) => IsDisabled ? "it is disabled"
        : now >= ExpiresAt ? "its time is over"
        : null;

    /// <summary>Who it is, for people: <c>eve (viewer of web*, db)</c>.</summary>
    public override string ToString() =>
        $"{Name} ({NameOf(Role)} of {(Groups.IsEmpty ? "all groups" : string.Join(", ", Groups))})";

    /// <summary>A role as operators write it.</summary>
    public static string NameOf(OperatorRole role) => role.ToString().ToLowerInvariant();
}
