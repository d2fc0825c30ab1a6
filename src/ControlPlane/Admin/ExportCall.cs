using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Everything registered, from the database, by whichever control plane is asked.</summary>
internal sealed class ExportCall(Store store)
{
    /// <summary>Answers the call.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<ExportResponse> RunAsync(CancellationToken ct)
    {
        var registry = await store.Registry.ReadAsync(ct);
        var response = new ExportResponse { Revision = registry.ConfigurationRevision };
        response.Hosts.AddRange(registry.Hosts.Select(h => h.Spec.ToProto()));
        response.Groups.AddRange(registry.Groups.Select(g => g.Spec.ToProto()));
        response.Programs.AddRange(registry.Programs.Select(p => p.Spec.ToProto()));
        return response;
    }
}
