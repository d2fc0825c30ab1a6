using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Access;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Access;

/// <summary>Operators' accounts: who is let in, and sent away.</summary>
internal sealed class AccessEndpoint(LeaderSeat seat, Store store, EventSignal signal, AccessDesk desk, TimeProvider time)
    : AccessService.AccessServiceBase
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1), Longest = TimeSpan.FromDays(3660);

    /// <inheritdoc/>
    public override async Task<AddOperatorResponse> AddOperator(AddOperatorRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        RequestText.Check("name", request.Name);
        RequestText.Check("reason", request.Reason);
        var role = request.Role.ToModel();
        if (role == Core.Access.OperatorRole.None)
            throw Refused(StatusCode.InvalidArgument, "role: must be viewer, operator or admin");
        var ttl = request.Ttl?.ToModel(TimeSpan.Zero);
        if (ttl < Shortest || ttl > Longest)
            throw Refused(StatusCode.InvalidArgument, $"ttl: {ttl} is not {Shortest.TotalMinutes:F0} minute to {Longest.Days} days");
        var now = Database.WholeMicroseconds(time.GetUtcNow());
        var token = request.ByToken ? OperatorToken.Create() : null;
        var account = new Core.Access.OperatorAccount(
            request.Name, token is null ? AccountKind.Certificate : AccountKind.Token, role, [.. request.Groups.Distinct()], now + ttl, IsDisabled: false);
        var added = new StoredOperator(account, token?.Id, token?.Hash, Peer.Lasting(context), now);
        var own = Caller.KnownOf(context)?.CertificateName;
        await WriteAsync(store.Operators.AddAsync(
            added, known => AccessRules.AdditionProblem(Accounts(known), account, own), tenure.Term.Number, request.Reason, context.CancellationToken));
        AuditNotes.Of(context).Change($"operator/{account.Name}", before: null, ToProto(added));
        return new() { Account = ToProto(added), Token = token?.Text ?? "" };
    }

    /// <inheritdoc/>
    public override async Task<ListOperatorsResponse> ListOperators(ListOperatorsRequest request, ServerCallContext context)
    {
        var response = new ListOperatorsResponse();
        response.Accounts.AddRange((await store.Operators.ReadAsync(context.CancellationToken)).Select(ToProto));
        return response;
    }

    /// <inheritdoc/>
    public override async Task<SetOperatorDisabledResponse> SetOperatorDisabled(SetOperatorDisabledRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        RequestText.Check("reason", request.Reason);
        var before = await WriteAsync(store.Operators.SetDisabledAsync(
            request.Name, request.Disabled, known => Problem(known, request.Name, request.Disabled), tenure.Term.Number, Peer.Lasting(context),
            request.Reason, context.CancellationToken));
        var old = before.Single(a => a.Account.Name == request.Name);
        var now = ToProto(old with { Account = old.Account with { IsDisabled = request.Disabled } });
        AuditNotes.Of(context).Change($"operator/{request.Name}", ToProto(old), now);
        return new() { Account = now };
    }

    /// <inheritdoc/>
    public override async Task<RemoveOperatorResponse> RemoveOperator(RemoveOperatorRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        RequestText.Check("reason", request.Reason);
        var before = await WriteAsync(store.Operators.RemoveAsync(
            request.Name, known => Problem(known, request.Name, isGoing: true), tenure.Term.Number, Peer.Lasting(context), request.Reason,
            context.CancellationToken));
        AuditNotes.Of(context).Change($"operator/{request.Name}", ToProto(before.Single(a => a.Account.Name == request.Name)), after: null);
        return new();
    }

    /// <inheritdoc/>
    public override async Task<GetCallerResponse> GetCaller(GetCallerRequest request, ServerCallContext context)
    {
        var accounts = await desk.AccountsAsync(context.CancellationToken);
        var caller = desk.Recognise(context, accounts);
        return new()
        {
            Name = caller.Name,
            Kind = caller.KindName,
            Address = caller.Address,
            Account = accounts.FirstOrDefault(a => a.Account.Name == caller.Account?.Name) is { } own ? ToProto(own) : null,
            IsOpen = accounts.IsEmpty,
            Detail = caller.Problem,
        };
    }

    private static string? Problem(ImmutableArray<StoredOperator> known, string name, bool isGoing) =>
        known.All(a => a.Account.Name != name) ? $"name: no operator is called '{name}'"
        : isGoing ? AccessRules.RemovalProblem(Accounts(known), name)
        : null;

    private async Task<ImmutableArray<StoredOperator>> WriteAsync(Task<OperatorWrite> writing)
    {
        var write = await writing;
        signal.Pulse();
        if (write.IsTermOver)
            throw Refused(StatusCode.Unavailable, "this control plane does not lead any more: nothing was changed");
        return write.Problem is { } problem ? throw Refused(StatusCode.FailedPrecondition, problem) : write.Before;
    }

    private static Core.Access.OperatorAccount[] Accounts(ImmutableArray<StoredOperator> stored) => [.. stored.Select(s => s.Account)];

    private static V1.OperatorAccount ToProto(StoredOperator stored)
    {
        var account = stored.Account.ToProto();
        (account.CreatedBy, account.CreatedAt) = (stored.CreatedBy, stored.CreatedAt.ToTimestamp());
        return account;
    }

    private static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));
}
