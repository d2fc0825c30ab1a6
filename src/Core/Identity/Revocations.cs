using System.Collections.Immutable;

namespace HaGrpc.Core.Identity;

/// <summary>Which certificates speak for nobody any more, and for which hosts nobody speaks.</summary>
/// <param name="Certificates">Hosts of revoked certificates by fingerprint; those that have ended by themselves may be missing.</param>
/// <param name="Hosts">Revoked hosts, and why.</param>
public sealed record Revocations(ImmutableDictionary<string, string> Certificates, ImmutableDictionary<string, HostRevocation> Hosts)
{
    /// <summary>Nothing is revoked.</summary>
    public static Revocations None { get; } = new(
        ImmutableDictionary.Create<string, string>(StringComparer.Ordinal), ImmutableDictionary.Create<string, HostRevocation>(StringComparer.Ordinal));

    /// <summary>Those of <see cref="Certificates"/> that became void because their host was deleted, while it stays so.</summary>
    public ImmutableHashSet<string> OfDeletedHosts { get; init; } = [];

    /// <summary>
    /// True for the agent of a deleted host with what it had when that was deleted: it is let in once, to be told to end what it runs. Nobody else can
    /// use that: whoever registers the host again, or has revoked it, ends it.
    /// </summary>
    /// <param name="fingerprint">SHA-256 of the certificate, hexadecimal; null for none.</param>
    /// <param name="host">The host that it is to speak for; null when it is an operator's.</param>
    public bool MayTakeLeave(string? fingerprint, string? host) =>
        fingerprint is not null && host is not null && !Hosts.ContainsKey(host) && OfDeletedHosts.Contains(fingerprint)
        && Certificates.TryGetValue(fingerprint, out var of) && of == host;

    /// <summary>Why a certificate may not speak; null when it may.</summary>
    /// <param name="fingerprint">SHA-256 of it, hexadecimal; null for no certificate.</param>
    /// <param name="host">The host that it is to speak for; null when it is an operator's.</param>
    public string? Objection(string? fingerprint, string? host)
    {
        if (host is not null && Hosts.TryGetValue(host, out var why))
            return $"host '{host}' is revoked {why}: hactl host allow {host} lets it back, with a new certificate (hactl token create --host {host})";
        return fingerprint is not null && Certificates.TryGetValue(fingerprint, out var of)
            ? $"this certificate of host '{of}' is revoked: it needs a new one (hactl token create --host {of}, then ha-agent join --force)"
            : null;
    }
}
