namespace HaGrpc.Core.Events;

/// <summary>A kind of events in the history.</summary>
/// <param name="Name">As it stands in events.</param>
/// <param name="Meaning">What has happened, for people.</param>
public sealed record EventKind(string Name, string Meaning)
{
    /// <summary>Whose story it belongs to, when a change of owner is explained.</summary>
    public Story Story { get; init; }
}

/// <summary>What explains why a group moved.</summary>
[Flags]
public enum Story
{
    /// <summary>Nothing of it.</summary>
    None = 0,

    /// <summary>It tells of the group.</summary>
    OfGroup = 1,

    /// <summary>It tells of the host that owned the group.</summary>
    OfOwner = 2,

    /// <summary>It is what that host says of itself when it is back.</summary>
    OfReturn = 4,
}
