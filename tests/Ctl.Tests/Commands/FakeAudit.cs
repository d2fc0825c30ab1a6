using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>An audit of what a test says, and what was asked of it.</summary>
internal sealed class FakeAudit : AuditService.AuditServiceBase
{
    internal List<ReadAuditRequest> Asked { get; } = [];

    internal List<AuditEntry> Entries { get; } = [];

    public override async Task ReadAudit(ReadAuditRequest request, IServerStreamWriter<ReadAuditResponse> responseStream, ServerCallContext context)
    {
        Asked.Add(request);
        foreach (var entry in Entries.Where(e => e.Id > request.AfterId))
            await responseStream.WriteAsync(new() { Entry = entry });
    }

    public override Task<GetAuditHeadResponse> GetAuditHead(GetAuditHeadRequest request, ServerCallContext context) =>
        Task.FromResult(Entries.Count == 0 ? new GetAuditHeadResponse() : new() { Id = Entries[^1].Id, Hash = Entries[^1].Hash });
}
