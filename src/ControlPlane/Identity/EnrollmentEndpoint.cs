using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.Configuration;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Identity;
using HaGrpc.V1;
using Microsoft.Extensions.Options;
using JoinToken = HaGrpc.Core.Identity.JoinToken;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>Gives hosts their certificates: the first one for a token, the next ones for the one before.</summary>
internal sealed partial class EnrollmentEndpoint(
    LeaderSeat seat, Store store, Issuer issuer, RevocationWatch revoked, EventSignal signal, IOptions<ControlPlaneOptions> options, TimeProvider time,
    ILogger<EnrollmentEndpoint> log)
    : EnrollmentService.EnrollmentServiceBase
{
    private readonly StrangerBudget _refusals = new(time);

    /// <inheritdoc/>
    public override Task<GetAuthorityResponse> GetAuthority(GetAuthorityRequest request, ServerCallContext context) =>
        Task.FromResult(new GetAuthorityResponse { Authority = issuer.Demand().Pem });

    /// <inheritdoc/>
    public override async Task<EnrollResponse> Enroll(EnrollRequest request, ServerCallContext context)
    {
        var (authority, tenure) = (issuer.Demand(), seat.Demand());
        try
        {
            return await EnrollAsync(request, authority, tenure, context);
        }
        catch (RpcException e) when (_refusals.Take(out var leftOut))
        {
            LogRefused(log, ForeignText.Visible(request.Host, 100), Peer.Of(context), e.Status.Detail, leftOut);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task<RenewResponse> Renew(RenewRequest request, ServerCallContext context)
    {
        var (authority, tenure) = (issuer.Demand(), seat.Demand());
        var own = context.GetHttpContext().Connection.ClientCertificate;
        if (own is null || CertificateNames.ClaimOf(own).Host is not { } host)
            throw Refused(StatusCode.PermissionDenied, "only a host's certificate that was given by this control plane is renewed");
        if (tenure.Registry.Current.Hosts.All(h => h.Spec.Name != host))
            throw Refused(StatusCode.FailedPrecondition, $"host '{host}' is not registered: hactl apply a manifest that names it");
        using var certificate = authority.IssueHost(host, SigningRequest.KeyOf(request.SigningRequest), time.GetUtcNow(), issuer.Life);
        var renewed = Stored(certificate, host, StoredCertificate.Renewed);
        Settle(await store.Identities.RenewAsync(CertificateNames.FingerprintOf(own), renewed, tenure.Term.Number, context.CancellationToken));
        signal.Pulse();
        LogRenewed(log, host, renewed.Serial, renewed.NotAfter);
        return new() { Certificate = certificate.ExportCertificatePem(), Authority = authority.Pem };
    }

    /// <summary>A certificate as it is stored.</summary>
    public static StoredCertificate Stored(X509Certificate2 certificate, string host, string origin) => new(
        CertificateNames.FingerprintOf(certificate),
        certificate.SerialNumber.ToLowerInvariant(),
        host,
        origin,
        new(certificate.NotBefore.ToUniversalTime()),
        new(certificate.NotAfter.ToUniversalTime()));

    private async Task<EnrollResponse> EnrollAsync(EnrollRequest request, CertificateAuthority authority, Tenure tenure, ServerCallContext context)
    {
        var ct = context.CancellationToken;
        if (JoinToken.Parse(request.Token) is not { } token)
            throw Refused(StatusCode.InvalidArgument, "token: it is no join token (hagrpc1join.ID.SECRET.HASH): copy the whole of it");
        if (await store.Identities.FindTokenAsync(token.Id, ct) is not { } stored || !token.Fits(stored.SecretHash))
            throw Refused(StatusCode.Unauthenticated, "the token is not known here: it is of another control plane, or not copied as it was");
        var now = time.GetUtcNow();
        if (JoinTokenRules.Objection(stored.Facts, request.Host, now) is { } objection)
            throw Refused(StatusCode.FailedPrecondition, objection);
        if (ClockProblem(request.WallClock?.ToDateTimeOffset(), now) is { } off)
            throw Refused(StatusCode.FailedPrecondition, off);
        using var certificate = authority.IssueHost(request.Host, SigningRequest.KeyOf(request.SigningRequest), now, issuer.Life);
        var given = Stored(certificate, request.Host, StoredCertificate.Joined);
        var from = context.GetHttpContext().Connection.RemoteIpAddress?.ToString() ?? context.Peer;
        Settle(await tenure.Registry.WriteAsync(() => store.Identities.UseTokenAsync(token, from, given, tenure.Term.Number, ct), ct));
        signal.Pulse();
        await revoked.RefreshAsync(ct);
        LogJoined(log, request.Host, from, given.Serial, given.NotAfter);
        return new() { Certificate = certificate.ExportCertificatePem(), Authority = authority.Pem };
    }

    private string? ClockProblem(DateTimeOffset? theirs, DateTimeOffset ours)
    {
        var tolerance = options.Value.Agents.ClockTolerance;
        return theirs is { } clock && (clock - ours).Duration() > tolerance
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the clock of this host says {clock.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, the control plane's {ours.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z; at most {tolerance.TotalSeconds:0} s are allowed. Set the clock (NTP); the token is still good")
            : null;
    }

    private static void Settle(IdentityWrite write)
    {
        if (write.IsTermOver)
            throw Refused(StatusCode.Unavailable, "this control plane does not lead any more: nothing was changed");
        if (write.Problem is { } problem)
            throw Refused(StatusCode.FailedPrecondition, problem);
    }

    private static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));

    [LoggerMessage(1091, LogLevel.Information, "{Host} has joined from {Address}: certificate {Serial} until {NotAfter}")]
    private static partial void LogJoined(ILogger log, string host, string address, string serial, DateTimeOffset notAfter);

    [LoggerMessage(1092, LogLevel.Information, "{Host} has a new certificate: {Serial} until {NotAfter}")]
    private static partial void LogRenewed(ILogger log, string host, string serial, DateTimeOffset notAfter);

    [LoggerMessage(1093, LogLevel.Warning, "{Host} at {Address} may not join: {Reason} ({LeftOut} more were refused before this one, and not logged)")]
    private static partial void LogRefused(ILogger log, string host, string address, string reason, long leftOut);
}
