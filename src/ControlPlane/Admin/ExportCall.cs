using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Everything registered, from the database, by whichever control plane is asked.</summary>
internal sealed class ExportCall(Store store)
{
    /// <summary>Answers the call.</summary>
    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND for a revision that is not kept.</exception>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<ExportResponse> RunAsync(ExportRequest request, CancellationToken ct)
    {
        var registry = (await store.Registry.ReadAsync(ct)).Lasting;
        if (request.Revision != 0)
            return await EarlierAsync(request.Revision, registry, ct);
        var response = new ExportResponse { Revision = registry.ConfigurationRevision };
        response.Hosts.AddRange(registry.Hosts.Select(h => h.Spec.ToProto()));
        response.Groups.AddRange(registry.Groups.Select(g => g.Spec.ToProto()));
        response.Programs.AddRange(registry.Programs.Select(p => p.Spec.ToProto()));
        return response;
    }

    private async Task<ExportResponse> EarlierAsync(long revision, RegistrySnapshot registry, CancellationToken ct)
    {
        if (await store.Revisions.ReadAfterAsync(revision, ct) is not { } since)
            throw RevisionCalls.NotKept(revision);
        var earlier = new EarlierState(since, registry);
        var response = new ExportResponse { Revision = revision };
        response.Hosts.AddRange(earlier.Hosts.Select(h => h.ToProto()));
        response.Groups.AddRange(earlier.Groups.Select(g => g.ToProto()));
        response.Programs.AddRange(earlier.Programs.Select(p => p.ToProto()));
        return response;
    }
}
