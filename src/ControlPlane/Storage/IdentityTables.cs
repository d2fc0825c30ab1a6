using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Core.Identity;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>
/// Join tokens, certificates of hosts, and what is revoked. Every change names the leadership's term, and has an event in its transaction. What
/// is revoked or allowed again raises the configuration's revision: agents are told it.
/// </summary>
internal sealed class IdentityTables(Database database)
{
    // What is over for so long nobody looks for any more.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    // A key that is stolen must not fill the database.
    private const int MostValid = 50;

    /// <summary>All tokens, the oldest first.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<ImmutableArray<StoredJoinToken>> ReadTokensAsync(CancellationToken ct = default) => database.ReadAsync(static unit => IdentityRows.ReadTokensAsync(unit), ct);

    /// <summary>A token; null when there is none of that id.</summary>
    /// <inheritdoc cref="ReadTokensAsync"/>
    public Task<StoredJoinToken?> FindTokenAsync(string id, CancellationToken ct = default) =>
        database.ReadAsync(async unit => (await IdentityRows.ReadTokensAsync(unit, id)).FirstOrDefault(), ct);

    /// <summary>A host's certificates, or all.</summary>
    /// <inheritdoc cref="ReadTokensAsync"/>
    public Task<ImmutableArray<StoredCertificate>> ReadCertificatesAsync(string? host, CancellationToken ct = default) =>
        database.ReadAsync(unit => IdentityRows.ReadCertificatesAsync(unit, host), ct);

    /// <summary>What is revoked, and the configuration revision that this is of.</summary>
    /// <param name="known">A revision that is known; when it still stands nothing is read.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Null when nothing has changed.</returns>
    /// <inheritdoc cref="ReadTokensAsync"/>
    public Task<(long Revision, Revocations Revoked)?> ReadRevocationsAsync(long known, CancellationToken ct = default) =>
        database.ReadAsync<(long, Revocations)?>(
            async unit => await RegistryRows.ReadRevisionAsync(unit) is var revision && revision != known
                ? (revision, await IdentityRows.ReadRevocationsAsync(unit))
                : null,
            ct);

    /// <summary>Adds a token.</summary>
    /// <param name="token">It.</param>
    /// <param name="term">The leadership that must be held.</param>
    /// <param name="reason">Why, in the operator's words; may be empty.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<IdentityWrite> AddTokenAsync(StoredJoinToken token, long term, string reason, CancellationToken ct = default) => ChangeAsync(
        term,
        async unit =>
        {
            var f = token.Facts;
            var forgotten = database.Now() - Kept;
            await unit.ExecuteAsync($"delete from join_token where expires_at < {forgotten}");
            await unit.ExecuteAsync(
                $"""
                insert into join_token (id, host, secret_hash, created_by, created_at, expires_at)
                values ({token.Id}, {f.Host}, {token.SecretHash}, {token.CreatedBy}, {token.CreatedAt}, {f.ExpiresAt})
                """);
            return (IdentityWrite.Done, Told("JoinTokenCreated", f.Host, $"host {f.Host} may join with the token {token.Id} until {Text(f.ExpiresAt)}", token.CreatedBy, reason));
        },
        ct);

    /// <summary>Makes an unused token void.</summary>
    /// <inheritdoc cref="AddTokenAsync"/>
    public Task<IdentityWrite> RevokeTokenAsync(string id, long term, string actor, string reason, CancellationToken ct = default) => ChangeAsync(
        term,
        async unit =>
        {
            var now = database.Now();
            if ((await IdentityRows.ReadTokensAsync(unit, id)).FirstOrDefault() is not { } token)
                return (new IdentityWrite(false, $"there is no token {id} (hactl token list)"), null);
            var state = JoinTokenRules.StateOf(token.Facts, now);
            if (state != JoinTokenState.Unused)
                return (new IdentityWrite(false, $"the token {id} is {state.ToString().ToLowerInvariant()} already"), null);
            await unit.ExecuteAsync($"update join_token set revoked_at = {now}, revoked_by = {actor} where id = {id}");
            return (IdentityWrite.Done, Told("JoinTokenRevoked", token.Facts.Host, $"the token {id} of host {token.Facts.Host} is void", actor, reason));
        },
        ct);

    /// <summary>Takes a token for a certificate, once; a host that was revoked is let in again.</summary>
    /// <param name="token">What the host has shown.</param>
    /// <param name="from">Its address.</param>
    /// <param name="certificate">What it is to get.</param>
    /// <param name="term">The leadership that must be held.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<IdentityWrite> UseTokenAsync(JoinToken token, string from, StoredCertificate certificate, long term, CancellationToken ct = default) => ChangeAsync(
        term,
        async unit =>
        {
            var (now, host) = (database.Now(), certificate.Host);
            var stored = (await IdentityRows.ReadTokensAsync(unit, token.Id)).FirstOrDefault(t => token.Fits(t.SecretHash));
            if (stored is null)
                return (new IdentityWrite(false, "the token is not known here"), null);
            if (JoinTokenRules.Objection(stored.Facts, host, now) is { } objection)
                return (new IdentityWrite(false, objection), null);
            await unit.ExecuteAsync($"update join_token set used_at = {now}, used_from = {from} where id = {token.Id}");
            await InsertAsync(unit, certificate);
            if (await unit.ExecuteAsync($"delete from host_revocation where host = {host}") > 0)
                _ = await RegistryRows.RaiseRevisionAsync(unit);
            return (IdentityWrite.Done, Told("HostJoined", host, $"{host} has joined from {from} with the token {token.Id}: certificate {certificate.Serial} until {Text(certificate.NotAfter)}", "", ""));
        },
        ct);

    /// <summary>Notes a certificate that takes the place of an earlier one.</summary>
    /// <param name="earlier">The fingerprint of that.</param>
    /// <param name="certificate">The new one.</param>
    /// <param name="term">The leadership that must be held.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<IdentityWrite> RenewAsync(string earlier, StoredCertificate certificate, long term, CancellationToken ct = default) => ChangeAsync(
        term,
        async unit =>
        {
            var host = certificate.Host;
            if ((await IdentityRows.ReadRevocationsAsync(unit)).Objection(earlier, host) is { } objection)
                return (new IdentityWrite(false, objection), null);
            var known = await IdentityRows.ReadCertificatesAsync(unit, host);
            if (known.Count(c => c.NotAfter > database.Now() && c.Revocation is null) is >= MostValid and var many)
                return (new IdentityWrite(false, $"host '{host}' has {many} valid certificates already: who renews that often has something wrong with it, or its key (hactl host revoke {host})"), null);
            if (known.All(c => c.Fingerprint != earlier))
                return (new IdentityWrite(false, $"this certificate was not given by this control plane: hactl token create --host {host}, then ha-agent join --force"), null);
            await InsertAsync(unit, certificate);
            return (IdentityWrite.Done, Told("CertificateRenewed", host, $"{host} has a new certificate {certificate.Serial} until {Text(certificate.NotAfter)}", "", ""));
        },
        ct);

    /// <summary>Lets nobody speak for a host any more.</summary>
    /// <param name="host">The host.</param>
    /// <param name="seen">Certificates that it comes with now, whoever has made them.</param>
    /// <param name="term">The leadership that must be held.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in the operator's words; may be empty.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<HostRevocationWrite> RevokeHostAsync(
        string host, ImmutableArray<StoredCertificate> seen, long term, string actor, string reason, CancellationToken ct = default)
    {
        var (revoked, tokens) = (ImmutableArray<StoredCertificate>.Empty, 0);
        var write = await ChangeAsync(
            term,
            async unit =>
            {
                var now = database.Now();
                var known = await IdentityRows.ReadCertificatesAsync(unit, host);
                foreach (var certificate in seen.Where(s => known.All(k => k.Fingerprint != s.Fingerprint)))
                    await InsertAsync(unit, certificate);
                await unit.ExecuteAsync(
                    $"update host_certificate set revoked_at = {now}, revoked_by = {actor}, revoked_reason = {reason} where host = {host} and revoked_at is null and not_after > {now}");
                tokens = await unit.ExecuteAsync(
                    $"update join_token set revoked_at = {now}, revoked_by = {actor} where host = {host} and revoked_at is null and used_at is null and expires_at > {now}");
                await unit.ExecuteAsync($"delete from host_revocation where host = {host}");
                await unit.ExecuteAsync($"insert into host_revocation (host, revoked_by, revoked_at, reason) values ({host}, {actor}, {now}, {reason})");
                _ = await RegistryRows.RaiseRevisionAsync(unit);
                revoked = [.. (await IdentityRows.ReadCertificatesAsync(unit, host)).Where(c => c.Revocation?.At == now)];
                var serials = revoked.IsEmpty ? "no certificate of it was known" : $"void are {string.Join(", ", revoked.Select(c => c.Serial))}";
                return (IdentityWrite.Done, Told("HostRevoked", host, $"nobody speaks for {host} any more; {serials}", actor, reason));
            },
            ct);
        return new(write, revoked, tokens);
    }

    /// <summary>Lets a host come back.</summary>
    /// <returns>Whether it was revoked.</returns>
    /// <inheritdoc cref="RevokeHostAsync"/>
    public async Task<(IdentityWrite Write, bool WasRevoked)> AllowHostAsync(string host, long term, string actor, string reason, CancellationToken ct = default)
    {
        var was = false;
        var write = await ChangeAsync(
            term,
            async unit =>
            {
                was = await unit.ExecuteAsync($"delete from host_revocation where host = {host}") > 0;
                if (!was)
                    return (IdentityWrite.Done, null);
                _ = await RegistryRows.RaiseRevisionAsync(unit);
                return (IdentityWrite.Done, Told("HostAllowed", host, $"{host} may come back with a certificate that was not revoked", actor, reason));
            },
            ct);
        return (write, was);
    }

    // The configuration's revision keeps others out: a token is used once, and nothing is renewed that is being revoked.
    private Task<IdentityWrite> ChangeAsync(long term, Func<UnitOfWork, Task<(IdentityWrite Write, EventRecord? Line)>> change, CancellationToken ct) =>
        database.WriteAsync(
            async unit =>
            {
                if (!await LeadershipTable.HoldsAsync(unit, term))
                    return IdentityWrite.Over;
                _ = await RegistryRows.LockRevisionAsync(unit);
                var (write, line) = await change(unit);
                if (write.Problem is not null)
                    return write;
                if (line is not null)
                    await EventTable.InsertAsync(unit, [line], database.Now());
                await unit.CommitAsync();
                return write;
            },
            ct);

    private async Task InsertAsync(UnitOfWork unit, StoredCertificate c)
    {
        var forgotten = database.Now() - Kept;
        await unit.ExecuteAsync($"delete from host_certificate where not_after < {forgotten}");
        await unit.ExecuteAsync(
            $"""
            insert into host_certificate (fingerprint, serial, host, origin, not_before, not_after)
            values ({c.Fingerprint}, {c.Serial}, {c.Host}, {c.Origin}, {c.NotBefore}, {c.NotAfter})
            """);
    }

    private static EventRecord Told(string kind, string host, string message, string actor, string reason) =>
        new() { Kind = kind, Host = host, Actor = actor, Message = reason.Length > 0 ? $"{message}: {reason}" : message };

    private static string Text(DateTimeOffset at) => string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
}
