using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What operators ask of the registry as a whole; each kind of call has a class of its own.</summary>
internal sealed class RegistryEndpoint(ExportCall export) : RegistryService.RegistryServiceBase
{
    /// <inheritdoc/>
    public override Task<ExportResponse> Export(ExportRequest request, ServerCallContext context) => export.RunAsync(context.CancellationToken);
}
