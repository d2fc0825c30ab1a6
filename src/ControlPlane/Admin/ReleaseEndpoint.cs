using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What operators ask of new releases.</summary>
internal sealed class ReleaseEndpoint(UpdateProcessesCall update) : ReleaseService.ReleaseServiceBase
{
    /// <inheritdoc/>
    public override Task<UpdateProcessesResponse> UpdateProcesses(UpdateProcessesRequest request, ServerCallContext context) =>
        update.RunAsync(request, context);
}
