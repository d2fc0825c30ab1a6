using Grpc.Core;
using HaGrpc.Core.Identity;
using HaGrpc.Core.Ownership;
using HaGrpc.V1;

namespace HaGrpc.Agent.Peers;

/// <summary>Answers other agents; refuses whoever is none of our peers, or means another.</summary>
/// <param name="self">This agent.</param>
/// <param name="book">Who is a peer.</param>
/// <param name="asked">Decides on one ping of a host.</param>
/// <param name="heard">Called with each peer that asks.</param>
internal sealed class PeerEndpoint(
    PeerSelf self, AddressBook book, Func<string, PeerPing, Task<PeerPromise>> asked, Action<string> heard) : PeerService.PeerServiceBase
{
    /// <summary>More groups than two hosts share.</summary>
    private const int MostPings = 512;

    /// <inheritdoc/>
    public override async Task<PromiseResponse> Promise(PromiseRequest request, ServerCallContext context)
    {
        if (Objection(request, context) is { } refused)
        {
            if (self.Limit.Passes($"{request.Host}: {refused.Detail}"))
                PeersLog.Refused(self.Logger, context.Peer, request.Host, refused.Detail);
            throw new RpcException(refused);
        }
        heard(request.Host);
        var instance = Guid.Parse(request.InstanceId);
        var promises = await Task.WhenAll(request.Pings.Select(p => asked(request.Host, p.ToModel(instance)!)))
            .WaitAsync(context.CancellationToken);
        var response = new PromiseResponse { Host = self.Host };
        response.Answers.AddRange(promises.Select(p => p.ToProto()));
        return response;
    }

    private Status? Objection(PromiseRequest request, ServerCallContext context)
    {
        var certificate = context.GetHttpContext().Connection.ClientCertificate;
        var claim = certificate is null ? CertificateClaim.None : CertificateNames.ClaimOf(certificate);
        if (self.Certificates.Any && !claim.SpeaksFor(request.Host))
            return new(StatusCode.PermissionDenied, $"the certificate is for {claim}, not for host '{request.Host}'");
        if (self.Certificates.Revoked.AreRevoked(request.Host, certificate))
            return new(StatusCode.PermissionDenied, $"host '{request.Host}' or its certificate is revoked");
        if (request.To != self.Host)
            return new(StatusCode.FailedPrecondition, $"this is host '{self.Host}', not '{request.To}': the address belongs to another one by now");
        if (!book.Peers.ContainsKey(request.Host))
            return new(StatusCode.PermissionDenied, $"host '{request.Host}' shares no group with '{self.Host}', as far as it knows");
        if (!Guid.TryParse(request.InstanceId, out _))
            return new(StatusCode.InvalidArgument, $"instance_id '{request.InstanceId}' must be a UUID");
        if (request.Pings.Count > MostPings)
            return new(StatusCode.InvalidArgument, $"{request.Pings.Count} pings are more than the {MostPings} that are answered at once");
        return request.Pings.FirstOrDefault(p => p.ToModel(Guid.Empty) is null) is { } ping
            ? new(StatusCode.InvalidArgument, $"the ping for group '{ping.Group}' must name a ttl above 0")
            : null;
    }
}
