using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Rest;

/// <summary>What a refusal says besides its words, in the <c>details</c> of its JSON. gRPC clients have trailers of their own for it, which have to stay
/// short.</summary>
internal static class RestDetails
{
    // What the transcoding reads and turns into the body of its answer.
    private const string Trailer = "grpc-status-details-bin";

    /// <summary>The messages that can stand there.</summary>
    public static TypeRegistry Types { get; } = TypeRegistry.FromMessages(PreviewResponse.Descriptor, Approval.Descriptor);

    /// <summary>What goes with a refusal; null for a caller that did not come by JSON.</summary>
    public static Metadata? For(ServerCallContext context, Grpc.Core.Status status, IMessage detail)
    {
        if (!context.GetHttpContext().IsRest())
            return null;
        var whole = new Google.Rpc.Status { Code = (int)status.StatusCode, Message = status.Detail, Details = { Any.Pack(detail) } };
        return new() { { Trailer, whole.ToByteArray() } };
    }
}
