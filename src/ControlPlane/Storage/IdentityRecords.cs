using System.Collections.Immutable;
using HaGrpc.Core.Identity;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>A join token as it is stored.</summary>
/// <param name="Id">What the token begins with.</param>
/// <param name="SecretHash">SHA-256 of its secret, hexadecimal.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="Facts">What it is good for.</param>
internal sealed record StoredJoinToken(string Id, string SecretHash, string CreatedBy, DateTimeOffset CreatedAt, JoinTokenFacts Facts);

/// <summary>A host's certificate as it is stored.</summary>
/// <param name="Fingerprint">SHA-256 of the whole, hexadecimal.</param>
/// <param name="Serial">Hexadecimal.</param>
/// <param name="Host">For which host it speaks.</param>
/// <param name="Origin">Why there is a row: <see cref="Joined"/>, <see cref="Renewed"/> or <see cref="Foreign"/>.</param>
/// <param name="NotBefore">From when on it is valid.</param>
/// <param name="NotAfter">Until when.</param>
/// <param name="Revocation">Who revoked it; null when nobody did.</param>
internal sealed record StoredCertificate(
    string Fingerprint, string Serial, string Host, string Origin, DateTimeOffset NotBefore, DateTimeOffset NotAfter, CertificateRevocation? Revocation = null)
{
    /// <summary>It was given for a token, for an earlier one, or is of another authority and was revoked here.</summary>
    public const string Joined = "join", Renewed = "renewal", Foreign = "foreign";
}

/// <summary>Somebody has revoked a certificate.</summary>
/// <param name="By">Who.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why, in the operator's words; may be empty.</param>
internal sealed record CertificateRevocation(string By, DateTimeOffset At, string Reason);

/// <summary>How a change of tokens or certificates ended.</summary>
/// <param name="IsTermOver">True: the leadership was over, nothing was changed.</param>
/// <param name="Problem">Why nothing was changed; null when it was.</param>
internal readonly record struct IdentityWrite(bool IsTermOver, string? Problem)
{
    /// <summary>It was changed.</summary>
    public static IdentityWrite Done { get; } = new(false, null);

    /// <summary>The leadership was over.</summary>
    public static IdentityWrite Over { get; } = new(true, null);
}

/// <summary>What a revocation of a host has made void.</summary>
/// <param name="Write">How it ended.</param>
/// <param name="Certificates">The certificates.</param>
/// <param name="Tokens">How many unused tokens.</param>
internal sealed record HostRevocationWrite(IdentityWrite Write, ImmutableArray<StoredCertificate> Certificates, int Tokens);
