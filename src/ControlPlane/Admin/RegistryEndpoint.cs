using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What operators ask of the registry as a whole; each kind of call has a class of its own.</summary>
internal sealed class RegistryEndpoint(ExportCall export, RevisionCalls revisions, RollbackCall rollback, DeleteCall delete)
    : RegistryService.RegistryServiceBase
{
    /// <inheritdoc/>
    public override Task<ExportResponse> Export(ExportRequest request, ServerCallContext context) => export.RunAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ListRevisionsResponse> ListRevisions(ListRevisionsRequest request, ServerCallContext context) =>
        revisions.ListAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<RollbackResponse> Rollback(RollbackRequest request, ServerCallContext context) => rollback.RunAsync(request, context);

    /// <inheritdoc/>
    public override Task<DeleteResponse> Delete(DeleteRequest request, ServerCallContext context) => delete.RunAsync(request, context);
}
