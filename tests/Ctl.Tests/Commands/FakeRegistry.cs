using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>Answers what a test says of the registry as a whole, and keeps what was asked.</summary>
internal sealed class FakeRegistry : RegistryService.RegistryServiceBase
{
    internal List<object> Asked { get; } = [];

    internal Func<ExportRequest, ExportResponse> OnExport { get; set; } = _ => new();

    internal Func<ListRevisionsRequest, ListRevisionsResponse> OnRevisions { get; set; } = _ => new();
    internal Func<RollbackRequest, RollbackResponse> OnRollback { get; set; } = _ => new();

    internal Func<DeleteRequest, DeleteResponse> OnDelete { get; set; } = _ => new();

    public override Task<DeleteResponse> Delete(DeleteRequest request, ServerCallContext context) => Answer(request, OnDelete);

    public override Task<ListRevisionsResponse> ListRevisions(ListRevisionsRequest request, ServerCallContext context) => Answer(request, OnRevisions);

    public override Task<RollbackResponse> Rollback(RollbackRequest request, ServerCallContext context) => Answer(request, OnRollback);

    public override Task<ExportResponse> Export(ExportRequest request, ServerCallContext context) => Answer(request, OnExport);

    private Task<TResponse> Answer<TRequest, TResponse>(TRequest request, Func<TRequest, TResponse> answer)
        where TRequest : class
    {
        Asked.Add(request);
        return Task.FromResult(answer(request));
    }
}
