using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;
using AuditFilter = HaGrpc.ControlPlane.Storage.AuditFilter;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>The audit for those who read it; from the database, so that whoever leads makes no difference.</summary>
internal sealed class AuditEndpoint(Store store) : AuditService.AuditServiceBase
{
    private const int MostNewest = 10_000;
    private const int Page = 50;

    /// <inheritdoc/>
    public override async Task ReadAudit(
        ReadAuditRequest request, IServerStreamWriter<ReadAuditResponse> responseStream, ServerCallContext context)
    {
        if (request.Newest is < 0 or > MostNewest)
            throw Wrong($"newest: {request.Newest} is not between 0 (all) and {MostNewest}");
        if (request is { Newest: > 0, AfterId: > 0 })
            throw Wrong("after_id: must not be given with newest");
        var filter = ToStored(request.Filter ?? new());
        if (request.Newest > 0)
        {
            foreach (var entry in await store.Audit.ReadNewestAsync(filter, request.Newest, context.CancellationToken))
                await responseStream.WriteAsync(new() { Entry = entry.ToProto() }, context.CancellationToken);
            return;
        }
        // What is written meanwhile comes too, so that a busy fleet never ends a reader too early; but it has an end.
        for (var (after, count) = (request.AfterId, Page); count == Page;)
        {
            var page = await store.Audit.ReadNextAsync(filter, after, Page, context.CancellationToken);
            foreach (var entry in page)
            {
                await responseStream.WriteAsync(new() { Entry = entry.ToProto() }, context.CancellationToken);
                after = entry.Id;
            }
            count = page.Length;
        }
    }

    /// <inheritdoc/>
    public override async Task<GetAuditHeadResponse> GetAuditHead(GetAuditHeadRequest request, ServerCallContext context)
    {
        var head = await store.Audit.ReadHeadAsync(context.CancellationToken);
        return new() { Id = head.Id, Hash = head.Hash };
    }

    private static AuditFilter ToStored(V1.AuditFilter filter)
    {
        foreach (var (field, text) in new[] { ("actor", filter.Actor), ("object", filter.Object), ("result", filter.Result) })
            RequestText.Check($"filter.{field}", text);
        if (!filter.Call.All(c => char.IsAsciiLetter(c) || c == '/'))
            throw Wrong($"filter.call: '{filter.Call}' must be SERVICE/CALL or CALL, such as AdminService/Apply or Apply");
        return new()
        {
            Actor = filter.Actor,
            Call = filter.Call,
            Object = filter.Object,
            Result = filter.Result,
            Since = filter.Since?.ToDateTimeOffset(),
            Until = filter.Until?.ToDateTimeOffset(),
            Calls = filter.Calls,
        };
    }

    private static RpcException Wrong(string what) => new(new Status(StatusCode.InvalidArgument, what));
}
