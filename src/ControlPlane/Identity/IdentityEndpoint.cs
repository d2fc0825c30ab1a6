using System.Collections.Immutable;
using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Identity;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using JoinToken = HaGrpc.Core.Identity.JoinToken;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>What operators do with tokens and certificates of hosts.</summary>
internal sealed class IdentityEndpoint(
    LeaderSeat seat, Store store, Issuer issuer, RevocationWatch revoked, EventSignal signal, OwnAddress address, TimeProvider time)
    : IdentityService.IdentityServiceBase
{
    private static readonly TimeSpan Usual = TimeSpan.FromHours(1), Shortest = TimeSpan.FromMinutes(1), Longest = TimeSpan.FromDays(30);

    /// <inheritdoc/>
    public override async Task<CreateJoinTokenResponse> CreateJoinToken(CreateJoinTokenRequest request, ServerCallContext context)
    {
        var (authority, tenure) = (issuer.Demand(), seat.Demand());
        RequestText.Check("reason", request.Reason);
        if (HostNames.Problem(request.Host) is { } wrong)
            throw Refused(StatusCode.InvalidArgument, $"host: {wrong}");
        var ttl = request.Ttl?.ToModel(TimeSpan.Zero) ?? Usual;
        if (ttl < Shortest || ttl > Longest)
            throw Refused(StatusCode.InvalidArgument, $"ttl: {ttl} is not {Shortest.TotalMinutes:F0} minute to {Longest.Days} days");
        var now = Database.WholeMicroseconds(time.GetUtcNow());
        var token = JoinToken.Of(
            RandomNumberGenerator.GetBytes(JoinToken.IdBytes), RandomNumberGenerator.GetBytes(JoinToken.SecretBytes), authority.Hash);
        var stored = new StoredJoinToken(token.Id, token.SecretHash, Peer.Lasting(context), now, new(request.Host, now + ttl, null, "", null, ""));
        Settle(await store.Identities.AddTokenAsync(stored, tenure.Term.Number, request.Reason, context.CancellationToken));
        signal.Pulse();
        var created = ToProto(stored, now);
        AuditNotes.Of(context).Change($"token/{token.Id}", before: null, created);
        return new() { Created = created, Token = token.Text, ControlPlane = address.Url, Warning = Warning(request.Host, tenure) };
    }

    /// <inheritdoc/>
    public override async Task<ListJoinTokensResponse> ListJoinTokens(ListJoinTokensRequest request, ServerCallContext context)
    {
        var now = time.GetUtcNow();
        var response = new ListJoinTokensResponse();
        response.Tokens.AddRange((await store.Identities.ReadTokensAsync(context.CancellationToken)).Select(t => ToProto(t, now)));
        return response;
    }

    /// <inheritdoc/>
    public override async Task<RevokeJoinTokenResponse> RevokeJoinToken(RevokeJoinTokenRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        RequestText.Check("reason", request.Reason);
        Settle(await store.Identities.RevokeTokenAsync(
            request.Id, tenure.Term.Number, Peer.Lasting(context), request.Reason, context.CancellationToken));
        signal.Pulse();
        return new();
    }

    /// <inheritdoc/>
    public override async Task<RevokeHostResponse> RevokeHost(RevokeHostRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        var (host, ct) = (request.Host, context.CancellationToken);
        RequestText.Check("reason", request.Reason);
        await DemandKnownAsync(host, tenure, ct);
        var written = await tenure.Registry.WriteAsync(
            async () =>
            {
                // Whoever attaches after this is looked at again when it is stored: its certificate, and that the host is revoked.
                var seen = await tenure.Loop.RunAsync(() => tenure.Agents.Of(host)?.Certificate);
                return await store.Identities.RevokeHostAsync(
                    host, seen is null ? [] : [seen], tenure.Term.Number, Peer.Lasting(context), request.Reason, ct);
            },
            ct);
        Settle(written.Write);
        signal.Pulse();
        await revoked.RefreshAsync(ct);
        var response = new RevokeHostResponse { VoidTokens = written.Tokens };
        response.Certificates.AddRange(written.Certificates.Select(ToProto));
        foreach (var certificate in response.Certificates)
            AuditNotes.Of(context).Change($"certificate/{certificate.Fingerprint}", before: null, certificate);
        return response;
    }

    /// <inheritdoc/>
    public override async Task<AllowHostResponse> AllowHost(AllowHostRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        var ct = context.CancellationToken;
        RequestText.Check("reason", request.Reason);
        await DemandKnownAsync(request.Host, tenure, ct);
        var (write, was) = await tenure.Registry.WriteAsync(
            () => store.Identities.AllowHostAsync(request.Host, tenure.Term.Number, Peer.Lasting(context), request.Reason, ct), ct);
        Settle(write);
        signal.Pulse();
        await revoked.RefreshAsync(ct);
        return new() { WasRevoked = was };
    }

    /// <inheritdoc/>
    public override async Task<ListHostCertificatesResponse> ListHostCertificates(ListHostCertificatesRequest request, ServerCallContext context)
    {
        var host = request.Host.Length > 0 ? request.Host : null;
        var (certificates, all) = (
            await store.Identities.ReadCertificatesAsync(host, context.CancellationToken),
            await store.Identities.ReadRevocationsAsync(known: -1, context.CancellationToken));
        var response = new ListHostCertificatesResponse();
        response.Certificates.AddRange(certificates.Select(ToProto));
        response.RevokedHosts.AddRange((all?.Revoked.Hosts.Keys ?? []).Where(h => host is null || h == host).Order(StringComparer.Ordinal));
        return response;
    }

    private async Task DemandKnownAsync(string host, Tenure tenure, CancellationToken ct)
    {
        var registered = tenure.Registry.Current.Hosts.Select(h => h.Spec.Name).ToArray();
        if (registered.Contains(host, StringComparer.Ordinal) || !(await store.Identities.ReadCertificatesAsync(host, ct)).IsEmpty
            || (await store.Identities.ReadTokensAsync(ct)).Any(t => t.Facts.Host == host))
        {
            return;
        }
        var near = NearestName.Of(host, registered) is { } name ? $"; did you mean '{name}'?" : "";
        throw Refused(StatusCode.NotFound, $"host '{host}' is neither registered nor has it a certificate or token{near}");
    }

    private static string Warning(string host, Tenure tenure)
    {
        var registered = tenure.Registry.Current.Hosts.Select(h => h.Spec.Name).ToArray();
        if (registered.Contains(host, StringComparer.Ordinal))
            return "";
        var near = NearestName.Of(host, registered) is { } name ? $"; did you mean '{name}'?" : "";
        return $"host '{host}' is not registered: it can join, and its agent is let in when a manifest names it (hactl apply){near}";
    }

    private static V1.JoinToken ToProto(StoredJoinToken stored, DateTimeOffset now) => new()
    {
        Id = stored.Id,
        Host = stored.Facts.Host,
        CreatedBy = stored.CreatedBy,
        CreatedAt = stored.CreatedAt.ToTimestamp(),
        ExpiresAt = stored.Facts.ExpiresAt.ToTimestamp(),
        UsedAt = stored.Facts.UsedAt?.ToTimestamp(),
        UsedFrom = stored.Facts.UsedFrom,
        RevokedAt = stored.Facts.RevokedAt?.ToTimestamp(),
        RevokedBy = stored.Facts.RevokedBy,
        State = JoinTokenRules.StateOf(stored.Facts, now).ToString().ToLowerInvariant(),
    };

    private static HostCertificate ToProto(StoredCertificate stored) => new()
    {
        Host = stored.Host,
        Serial = stored.Serial,
        Fingerprint = stored.Fingerprint,
        NotBefore = stored.NotBefore.ToTimestamp(),
        NotAfter = stored.NotAfter.ToTimestamp(),
        Origin = stored.Origin,
        RevokedAt = stored.Revocation?.At.ToTimestamp(),
        RevokedBy = stored.Revocation?.By ?? "",
        RevokedReason = stored.Revocation?.Reason ?? "",
    };

    private static void Settle(IdentityWrite write)
    {
        if (write.IsTermOver)
            throw Refused(StatusCode.Unavailable, "this control plane does not lead any more: nothing was changed");
        if (write.Problem is { } problem)
            throw Refused(StatusCode.FailedPrecondition, problem);
    }

    private static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));
}
