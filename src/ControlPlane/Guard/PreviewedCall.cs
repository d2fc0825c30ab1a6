using Google.Protobuf;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>The call that somebody wants to see before it is made.</summary>
internal static class PreviewedCall
{
    /// <summary>It, and its request; null for none.</summary>
    public static (OperatorCall Call, IMessage Request)? Of(PreviewRequest request)
    {
        (string? Name, IMessage? Inner) = request.CallCase switch
        {
            PreviewRequest.CallOneofCase.Start => ("AdminService/StartPrograms", (IMessage)request.Start),
            PreviewRequest.CallOneofCase.Stop => ("AdminService/StopPrograms", request.Stop),
            PreviewRequest.CallOneofCase.Restart => ("AdminService/RestartPrograms", request.Restart),
            PreviewRequest.CallOneofCase.Switchover => ("AdminService/Switchover", request.Switchover),
            PreviewRequest.CallOneofCase.Drain => ("AdminService/DrainHost", request.Drain),
            PreviewRequest.CallOneofCase.Fence => ("AdminService/Fence", request.Fence),
            PreviewRequest.CallOneofCase.Lock => ("AdminService/Lock", request.Lock),
            PreviewRequest.CallOneofCase.Unlock => ("AdminService/Unlock", request.Unlock),
            PreviewRequest.CallOneofCase.Apply => ("AdminService/Apply", request.Apply),
            PreviewRequest.CallOneofCase.Rollback => ("RegistryService/Rollback", request.Rollback),
            PreviewRequest.CallOneofCase.Delete => ("RegistryService/Delete", request.Delete),
            PreviewRequest.CallOneofCase.Update => ("ReleaseService/UpdateProcesses", request.Update),
            PreviewRequest.CallOneofCase.Adopt => ("AdoptionService/Adopt", request.Adopt),
            PreviewRequest.CallOneofCase.RevokeHost => ("IdentityService/RevokeHost", request.RevokeHost),
            PreviewRequest.CallOneofCase.AddOperator => ("AccessService/AddOperator", request.AddOperator),
            PreviewRequest.CallOneofCase.SetOperatorDisabled => ("AccessService/SetOperatorDisabled", request.SetOperatorDisabled),
            PreviewRequest.CallOneofCase.RemoveOperator => ("AccessService/RemoveOperator", request.RemoveOperator),
            PreviewRequest.CallOneofCase.SetPolicy => ("GuardService/SetPolicy", request.SetPolicy),
            _ => (null, null),
        };
        return Name is not null && Inner is not null && OperatorCalls.Find($"/hagrpc.v1.{Name}") is { } call ? (call, Inner) : null;
    }
}
