namespace HaGrpc.Core.Ownership;

/// <summary>
/// An owner that the control plane does not answer asks a member of its view: promise me not to take over for so long
/// (rule F1).
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch that the owner acts under.</param>
/// <param name="ViewVersion">The view that it acts under.</param>
/// <param name="Seq">Rises by one with each round of pings; all members are asked under the same number.</param>
/// <param name="Instance">The asking agent's instance (rule L2).</param>
/// <param name="Ttl">For how long the promise is wanted, from its receipt.</param>
public sealed record PeerPing(string Group, long Epoch, long ViewVersion, long Seq, Guid Instance, TimeSpan Ttl);

/// <summary>A member's answer to a <see cref="PeerPing"/> (rule F2).</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch of the ping.</param>
/// <param name="Seq">The ping that it answers.</param>
/// <param name="Instance">The instance that asked.</param>
/// <param name="Ttl">For how long the promise was given; zero when it was refused.</param>
/// <param name="Refusal">Why it was refused, for the operator; empty when it was given.</param>
public sealed record PeerPromise(string Group, long Epoch, long Seq, Guid Instance, TimeSpan Ttl, string Refusal)
{
    /// <summary>True when the member has promised.</summary>
    public bool IsGiven => Refusal.Length == 0;
}
