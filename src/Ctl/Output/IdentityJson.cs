using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record TokenJson(
    string Id, string Host, string State, string CreatedBy, string? CreatedAt, string? ExpiresAt, string? UsedAt, string UsedFrom, string? RevokedAt, string RevokedBy)
{
    internal static TokenJson Of(JoinToken token) => new(
        token.Id,
        token.Host,
        token.State,
        token.CreatedBy,
        Times.Machine(token.CreatedAt),
        Times.Machine(token.ExpiresAt),
        Times.Machine(token.UsedAt),
        token.UsedFrom,
        Times.Machine(token.RevokedAt),
        token.RevokedBy);
}

internal sealed record TokensJson(IReadOnlyList<TokenJson> Tokens);

internal sealed record CreatedTokenJson(TokenJson Created, string Token, string Command, string Warning);

internal sealed record CertificateJson(
    string Host, string Serial, string Fingerprint, string? NotBefore, string? NotAfter, string Origin, string? RevokedAt, string RevokedBy, string RevokedReason)
{
    internal static CertificateJson Of(HostCertificate certificate) => new(
        certificate.Host,
        certificate.Serial,
        certificate.Fingerprint,
        Times.Machine(certificate.NotBefore),
        Times.Machine(certificate.NotAfter),
        certificate.Origin,
        Times.Machine(certificate.RevokedAt),
        certificate.RevokedBy,
        certificate.RevokedReason);
}

internal sealed record CertificatesJson(IReadOnlyList<CertificateJson> Certificates, IReadOnlyList<string> RevokedHosts);

internal sealed record RevokedHostJson(string Host, IReadOnlyList<CertificateJson> Certificates, int VoidTokens);

internal sealed record AllowedHostJson(string Host, bool WasRevoked);
