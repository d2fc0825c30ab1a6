using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>A guard that answers what a test says; until one is told it is as an older control plane, which has none.</summary>
internal sealed class FakeGuard : GuardService.GuardServiceBase
{
    internal List<PreviewRequest> Previewed { get; } = [];

    internal Func<PreviewRequest, PreviewResponse>? OnPreview { get; set; }

    internal Func<GetApprovalRequest, Approval>? OnApproval { get; set; }

    public override Task<PreviewResponse> Preview(PreviewRequest request, ServerCallContext context)
    {
        if (OnPreview is null)
            return base.Preview(request, context);
        Previewed.Add(request);
        return Task.FromResult(OnPreview(request));
    }

    public override Task<GetApprovalResponse> GetApproval(GetApprovalRequest request, ServerCallContext context) =>
        OnApproval is null ? base.GetApproval(request, context) : Task.FromResult(new GetApprovalResponse { Approval = OnApproval(request) });
}
