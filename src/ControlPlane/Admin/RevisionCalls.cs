using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;
using Revision = HaGrpc.ControlPlane.Storage.Revision;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>The revisions that are kept, from the database, by whichever control plane is asked.</summary>
internal sealed class RevisionCalls(Store store)
{
    private const int UsualLimit = 20;
    private const int MostAtOnce = 1000;

    /// <summary>The newest, newest first.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT for a limit that is none.</exception>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<ListRevisionsResponse> ListAsync(ListRevisionsRequest request, CancellationToken ct)
    {
        if (request.Limit is < 0 or > MostAtOnce)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"limit: {request.Limit} is not between 1 and {MostAtOnce} (0 means {UsualLimit})"));
        var response = new ListRevisionsResponse();
        response.Revisions.AddRange(
            (await store.Revisions.ReadNewestAsync(request.Limit == 0 ? UsualLimit : request.Limit, ct)).Select(ToProto));
        return response;
    }

    /// <summary>What is answered for a revision that is not kept.</summary>
    public static RpcException NotKept(long revision) =>
        new(new Status(StatusCode.NotFound, $"revision: {revision} is not kept; hactl revisions lists those that are"));

    private static V1.Revision ToProto(Revision revision)
    {
        var proto = new V1.Revision { Number = revision.Number, At = revision.At.ToTimestamp(), Actor = revision.Actor, Cause = revision.Cause };
        proto.Changes.AddRange(revision.Changes.Select(change => new Change
        {
            Object = change.Object,
            Kind = change.Before is null ? V1.ChangeKind.Created : change.After is null ? V1.ChangeKind.Removed : V1.ChangeKind.Updated,
        }));
        return proto;
    }
}
