using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>Answers what a test says of tokens and certificates, and keeps what was asked.</summary>
internal sealed class FakeIdentity : IdentityService.IdentityServiceBase
{
    internal List<object> Asked { get; } = [];

    internal CreateJoinTokenResponse Created { get; set; } = new();

    internal ListJoinTokensResponse Tokens { get; set; } = new();

    internal RevokeHostResponse Revoked { get; set; } = new();

    internal AllowHostResponse Allowed { get; set; } = new();

    internal ListHostCertificatesResponse Certificates { get; set; } = new();

    public override Task<CreateJoinTokenResponse> CreateJoinToken(CreateJoinTokenRequest request, ServerCallContext context) => Answer(request, Created);

    public override Task<ListJoinTokensResponse> ListJoinTokens(ListJoinTokensRequest request, ServerCallContext context) => Answer(request, Tokens);

    public override Task<RevokeJoinTokenResponse> RevokeJoinToken(RevokeJoinTokenRequest request, ServerCallContext context) => Answer(request, new RevokeJoinTokenResponse());

    public override Task<RevokeHostResponse> RevokeHost(RevokeHostRequest request, ServerCallContext context) => Answer(request, Revoked);

    public override Task<AllowHostResponse> AllowHost(AllowHostRequest request, ServerCallContext context) => Answer(request, Allowed);

    public override Task<ListHostCertificatesResponse> ListHostCertificates(ListHostCertificatesRequest request, ServerCallContext context) => Answer(request, Certificates);

    private Task<T> Answer<T>(object request, T answer)
    {
        Asked.Add(request);
        return Task.FromResult(answer);
    }
}
