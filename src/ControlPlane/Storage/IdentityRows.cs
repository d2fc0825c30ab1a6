using System.Collections.Immutable;
using HaGrpc.Core.Identity;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>The rows of join tokens and certificates, read inside somebody's transaction.</summary>
internal static class IdentityRows
{
    /// <summary>Every token; with an id only that one.</summary>
    public static async Task<ImmutableArray<StoredJoinToken>> ReadTokensAsync(UnitOfWork unit, string? id = null)
    {
        Statement only = $"";
        if (id is not null)
            only = $" where id = {id}";
        return
        [
            .. await unit.QueryAsync(
                $"select id, host, secret_hash, created_by, created_at, expires_at, used_at, used_from, revoked_at, revoked_by from join_token{only} order by created_at, id",
                static row => new StoredJoinToken(
                    row.Text(0),
                    row.Text(2),
                    row.Text(3),
                    row.Instant(4),
                    new(row.Text(1), row.Instant(5), row.InstantOrNull(6), row.Text(7), row.InstantOrNull(8), row.Text(9)))),
        ];
    }

    /// <summary>Every certificate; with a host only its.</summary>
    public static async Task<ImmutableArray<StoredCertificate>> ReadCertificatesAsync(UnitOfWork unit, string? host = null)
    {
        Statement only = $"";
        if (host is not null)
            only = $" where host = {host}";
        return
        [
            .. await unit.QueryAsync(
                $"select fingerprint, serial, host, origin, not_before, not_after, revoked_by, revoked_at, revoked_reason from host_certificate{only} order by host, not_after, fingerprint",
                static row => new StoredCertificate(
                    row.Text(0),
                    row.Text(1),
                    row.Text(2),
                    row.Text(3),
                    row.Instant(4),
                    row.Instant(5),
                    row.InstantOrNull(7) is { } at ? new(row.Text(6), at, row.Text(8)) : null)),
        ];
    }

    /// <summary>What is revoked.</summary>
    public static async Task<Revocations> ReadRevocationsAsync(UnitOfWork unit)
    {
        var certificates = await unit.QueryAsync(
            $"select fingerprint, host from host_certificate where revoked_at is not null", static row => KeyValuePair.Create(row.Text(0), row.Text(1)));
        var hosts = await unit.QueryAsync(
            $"select host, revoked_by, revoked_at, reason from host_revocation",
            static row => KeyValuePair.Create(row.Text(0), new HostRevocation(row.Text(1), row.Instant(2), row.Text(3))));
        // Both are written at the same instant by the deletion, and by nothing else.
        var ofDeleted = await unit.QueryAsync(
            $"select c.fingerprint from host_certificate c join deleted_host d on d.name = c.host and d.deleted_at = c.revoked_at",
            static row => row.Text(0));
        return new(certificates.ToImmutableDictionary(StringComparer.Ordinal), hosts.ToImmutableDictionary(StringComparer.Ordinal))
        {
            OfDeletedHosts = [.. ofDeleted],
        };
    }
}
