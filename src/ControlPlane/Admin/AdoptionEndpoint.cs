using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Takes over what runs already; each kind of call has a class of its own.</summary>
internal sealed class AdoptionEndpoint(ObserveCall observe, PreflightCall preflight, AdoptCall adopt) : AdoptionService.AdoptionServiceBase
{
    /// <inheritdoc/>
    public override Task<ObserveResponse> Observe(ObserveRequest request, ServerCallContext context) => observe.RunAsync(request, context);

    /// <inheritdoc/>
    public override Task<PreflightResponse> Preflight(PreflightRequest request, ServerCallContext context) => preflight.RunAsync(request, context);

    /// <inheritdoc/>
    public override Task<AdoptResponse> Adopt(AdoptRequest request, ServerCallContext context) => adopt.RunAsync(request, context);
}
