using Grpc.Core;
using Grpc.Core.Interceptors;
using HaGrpc.ControlPlane.Access;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.Configuration;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Identity;
using HaGrpc.V1;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>
/// What every call passes: a certificate that is revoked may nothing, and who has none may join, or come as an operator with a token. In the
/// handshake neither could be told why.
/// </summary>
internal sealed class CertificateGate(
    RevocationWatch revoked, AccessDesk desk, AdmissionDesk admission, LeaderSeat seat, IOptions<ControlPlaneOptions> options) : Interceptor
{
    private static readonly string[] Open = [$"/{EnrollmentService.Descriptor.FullName}/GetAuthority", $"/{EnrollmentService.Descriptor.FullName}/Enroll"];

    private static readonly string Attach = $"/{AgentService.Descriptor.FullName}/{nameof(AgentService.AgentServiceBase.Attach)}";

    private readonly bool _isDemanded = options.Value.Tls.ClientCa.Length > 0;

    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        await DemandAsync(context);
        return await continuation(request, context);
    }

    /// <inheritdoc/>
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await DemandAsync(context);
        await continuation(request, responseStream, context);
    }

    /// <inheritdoc/>
    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await DemandAsync(context);
        return await continuation(requestStream, context);
    }

    /// <inheritdoc/>
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await DemandAsync(context);
        await continuation(requestStream, responseStream, context);
    }

    private async Task DemandAsync(ServerCallContext context)
    {
        var http = context.GetHttpContext();
        if (http.Connection.ClientCertificate is { } certificate)
        {
            var claim = CertificateNames.ClaimOf(certificate);
            if (claim.Kind == ClaimKind.Contradictory)
                throw new RpcException(new Status(StatusCode.PermissionDenied, $"this certificate names {claim}: it speaks for nobody"));
            var fingerprint = CertificateNames.FingerprintOf(certificate);
            // The admission looks at it once more, by what the leader knows.
            if (context.Method == Attach && revoked.Current.MayTakeLeave(fingerprint, claim.Host))
                return;
            if (revoked.Current.Objection(fingerprint, claim.Host) is { } objection)
            {
                // Agents ask all control planes; one of them tells of it.
                if (context.Method == Attach && claim.Host is { } host && seat.Current is not null)
                    admission.NoteRevoked(host, Peer.Of(context), objection);
                throw new RpcException(new Status(StatusCode.PermissionDenied, objection));
            }
            return;
        }
        if (!_isDemanded || Open.Contains(context.Method))
            return;
        // Who comes with a token is known by it; as long as nobody is registered nobody is, and a certificate is what keeps strangers out.
        if (OperatorCalls.Find(context.Method) is not null && http.Request.Headers[HeaderNames.Authorization].Count > 0
            && !(await desk.AccountsAsync(context.CancellationToken)).IsEmpty)
        {
            return;
        }
        throw new RpcException(new Status(
            StatusCode.Unauthenticated, "there is no client certificate; without one a host can join (ha-agent join), and an operator needs a token"));
    }
}
