using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>Explains programs as a test says; until one is told how, it is as an older control plane, which cannot.</summary>
internal sealed class FakeExplanation : ExplanationService.ExplanationServiceBase
{
    internal List<ExplainProgramRequest> Asked { get; } = [];

    internal Func<ExplainProgramRequest, ExplainProgramResponse>? OnProgram { get; set; }

    public override Task<ExplainProgramResponse> ExplainProgram(ExplainProgramRequest request, ServerCallContext context)
    {
        if (OnProgram is null)
            return base.ExplainProgram(request, context);
        Asked.Add(request);
        return Task.FromResult(OnProgram(request));
    }
}
