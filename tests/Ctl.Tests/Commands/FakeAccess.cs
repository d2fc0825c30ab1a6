using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>Operators as a test says them, and what was asked.</summary>
internal sealed class FakeAccess : AccessService.AccessServiceBase
{
    internal List<object> Asked { get; } = [];

    internal List<OperatorAccount> Accounts { get; } = [];

    internal GetCallerResponse Caller { get; set; } = new() { IsOpen = true, Name = "127.0.0.1:5", Kind = "address", Address = "127.0.0.1:5" };

    public override Task<AddOperatorResponse> AddOperator(AddOperatorRequest request, ServerCallContext context)
    {
        Asked.Add(request);
        var account = new OperatorAccount { Name = request.Name, Role = request.Role, ByToken = request.ByToken, Groups = { request.Groups } };
        return Task.FromResult(new AddOperatorResponse { Account = account, Token = request.ByToken ? "hagrpc1op.1.secret" : "" });
    }

    public override Task<ListOperatorsResponse> ListOperators(ListOperatorsRequest request, ServerCallContext context) =>
        Task.FromResult(new ListOperatorsResponse { Accounts = { Accounts } });

    public override Task<SetOperatorDisabledResponse> SetOperatorDisabled(SetOperatorDisabledRequest request, ServerCallContext context)
    {
        Asked.Add(request);
        return Accounts.FirstOrDefault(a => a.Name == request.Name) is { } account
            ? Task.FromResult(new SetOperatorDisabledResponse { Account = account })
            : throw new RpcException(new(StatusCode.NotFound, $"operator: there is no operator {request.Name}"));
    }

    public override Task<RemoveOperatorResponse> RemoveOperator(RemoveOperatorRequest request, ServerCallContext context)
    {
        Asked.Add(request);
        return Task.FromResult(new RemoveOperatorResponse());
    }

    public override Task<GetCallerResponse> GetCaller(GetCallerRequest request, ServerCallContext context) => Task.FromResult(Caller);
}
