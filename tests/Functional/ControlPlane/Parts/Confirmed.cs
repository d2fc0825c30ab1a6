using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>Dangerous calls as somebody makes them who has seen what they hit.</summary>
internal static class Confirmed
{
    public static async Task<DeleteResponse> DeleteAsync(this InProcessPlane plane, DeleteRequest request) =>
        await plane.Registry.DeleteAsync(request, await plane.ConfirmationAsync(new() { Delete = request }));

    public static async Task<FenceResponse> FenceAsync(this InProcessPlane plane, FenceRequest request) =>
        await plane.Admin.FenceAsync(request, await plane.ConfirmationAsync(new() { Fence = request }));

    private static async Task<Metadata> ConfirmationAsync(this InProcessPlane plane, PreviewRequest request)
    {
        var seen = await new GuardService.GuardServiceClient(plane.Channel).PreviewAsync(request);
        return new() { { "hagrpc-confirmation", seen.Confirmation } };
    }
}
