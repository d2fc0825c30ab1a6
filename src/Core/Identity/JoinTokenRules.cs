using System.Globalization;
using HaGrpc.Core.Access;

namespace HaGrpc.Core.Identity;

/// <summary>What has become of a join token.</summary>
public enum JoinTokenState
{
    /// <summary>It can be used, once.</summary>
    Unused,

    /// <summary>A certificate was given for it.</summary>
    Used,

    /// <summary>Its time was over before it was used.</summary>
    Expired,

    /// <summary>An operator has made it void before it was used.</summary>
    Revoked,
}

/// <summary>What is known of a join token.</summary>
/// <param name="Host">The host that it is for.</param>
/// <param name="ExpiresAt">From when on it is good for nothing, by the control plane's wall clock.</param>
/// <param name="UsedAt">When it was used; null when it was not.</param>
/// <param name="UsedFrom">From which address; empty when it was not.</param>
/// <param name="RevokedAt">When it was revoked; null when it was not.</param>
/// <param name="RevokedBy">By whom; empty when it was not.</param>
public sealed record JoinTokenFacts(
    string Host, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt, string UsedFrom, DateTimeOffset? RevokedAt, string RevokedBy);

/// <summary>Whether a join token is good for a certificate.</summary>
public static class JoinTokenRules
{
    /// <summary>Its state; what happened to it first counts.</summary>
    public static JoinTokenState StateOf(JoinTokenFacts token, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(token);
        return token.UsedAt is not null ? JoinTokenState.Used
            : token.RevokedAt is not null ? JoinTokenState.Revoked
            : now >= token.ExpiresAt ? JoinTokenState.Expired
            : JoinTokenState.Unused;
    }

    /// <summary>Why a host gets no certificate for it; null when it does. Only to be told to who knows the secret.</summary>
    /// <param name="token">The token.</param>
    /// <param name="host">The host that asks.</param>
    /// <param name="now">The control plane's wall clock.</param>
    public static string? Objection(JoinTokenFacts token, string host, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.Host != host)
            return $"the token is for host '{token.Host}', not for '{host}': run the command on that host, or create a token for this one";
        const string again = "; create another one: hactl token create --host ";
        return StateOf(token, now) switch
        {
            JoinTokenState.Used => $"the token was used at {Text(token.UsedAt)} from {token.UsedFrom}, and is good for one certificate. If that was not you, revoke the host"
                + $" (hactl host revoke {host}){again}{host}",
            JoinTokenState.Revoked => $"the token was revoked at {Text(token.RevokedAt)} by {ActorName.Shown(token.RevokedBy)}{again}{host}",
            JoinTokenState.Expired => $"the token was good until {Text(token.ExpiresAt)}{again}{host}",
            _ => null,
        };
    }

    private static string Text(DateTimeOffset? at) => string.Create(CultureInfo.InvariantCulture, $"{at?.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
}
