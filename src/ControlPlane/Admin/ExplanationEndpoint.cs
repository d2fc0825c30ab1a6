using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What operators ask for reasons.</summary>
internal sealed class ExplanationEndpoint(ExplainProgramCall explain) : ExplanationService.ExplanationServiceBase
{
    /// <inheritdoc/>
    public override Task<ExplainProgramResponse> ExplainProgram(ExplainProgramRequest request, ServerCallContext context) =>
        explain.RunAsync(request, context.CancellationToken);
}
