using System.Globalization;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Access;
using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Guard;
using HaGrpc.V1;
using Approval = HaGrpc.Core.Guard.Approval;
using ApprovalState = HaGrpc.Core.Guard.ApprovalState;
using GuardDemand = HaGrpc.Core.Guard.GuardDemand;
using GuardRule = HaGrpc.Core.Guard.GuardRule;
using OperatorRole = HaGrpc.Core.Access.OperatorRole;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>What operators ask of the guard itself.</summary>
internal sealed class GuardEndpoint(LeaderSeat seat, Store store, GuardDesk guard, AccessDesk access, EventSignal signal, TimeProvider time)
    : GuardService.GuardServiceBase
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override async Task<PreviewResponse> Preview(PreviewRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        if (PreviewedCall.Of(request) is not var (call, inner))
            throw Refused(StatusCode.InvalidArgument, "call: must be one of the calls that PreviewRequest knows");
        var accounts = await access.AccountsAsync(context.CancellationToken);
        var caller = Caller.KnownOf(context) ?? access.Recognise(context, accounts);
        return await guard.PreviewAsync(new(call, inner, caller, accounts), tenure, context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<GetPolicyResponse> GetPolicy(GetPolicyRequest request, ServerCallContext context)
    {
        var response = new GetPolicyResponse();
        response.Acts.AddRange(GuardedActs.All.Select(a => a.ToProto()));
        response.Rules.AddRange((await store.Guard.ReadPolicyAsync(context.CancellationToken)).Rules.Select(r => r.ToProto()));
        return response;
    }

    /// <inheritdoc/>
    public override async Task<SetPolicyResponse> SetPolicy(SetPolicyRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        RequestText.Check("reason", request.Reason);
        if (GuardedActs.Find(request.Act) is not { } act)
        {
            throw Refused(
                StatusCode.InvalidArgument, $"act: '{ForeignText.Visible(request.Act, 50)}' is none of {string.Join(", ", GuardedActs.All.Select(a => a.Name))}");
        }
        var role = request.Role.ToModel();
        var demand = request.Demand.ToModel();
        var rule = new GuardRule(
            act, role == OperatorRole.None ? null : role, request.Groups.Length == 0 ? GuardRule.AllGroups : request.Groups, demand ?? GuardDemand.Allow);
        var accounts = await access.AccountsAsync(context.CancellationToken);
        var lasting = accounts.Count(a => a.Account.IsLastingAdmin);
        if (rule.Problem(lasting) is { } problem)
            throw Refused(StatusCode.InvalidArgument, problem);
        var write = await store.Guard.SetRuleAsync(
            rule, demand is null, tenure.Term.Number, Peer.Lasting(context), request.Reason, context.CancellationToken);
        signal.Pulse();
        if (write.IsTermOver)
            throw tenure.Term.EndedError();
        if (write is { Before: null, After: null })
            throw Refused(StatusCode.NotFound, $"there is no rule for {GuardedActs.NameOf(act)} of {rule.Groups} by {(role == OperatorRole.None ? "every role" : role.ToString().ToLowerInvariant())}");
        AuditNotes.Of(context).Change($"policy/{GuardedActs.NameOf(act)}", write.Before?.ToProto(), write.After?.ToProto());
        return new() { Rule = write.After?.ToProto() };
    }

    /// <inheritdoc/>
    public override async Task<ListApprovalsResponse> ListApprovals(ListApprovalsRequest request, ServerCallContext context)
    {
        var now = time.GetUtcNow();
        var response = new ListApprovalsResponse();
        response.Approvals.AddRange((await store.Guard.ReadApprovalsAsync(context.CancellationToken))
            .Where(a => IsSeen(a, context) && (request.All || (a.State is ApprovalState.Waiting or ApprovalState.Approved && !a.IsExpired(now))))
            .Select(a => a.ToProto(now)));
        return response;
    }

    /// <inheritdoc/>
    public override async Task<GetApprovalResponse> GetApproval(GetApprovalRequest request, ServerCallContext context)
    {
        var ct = context.CancellationToken;
        while (true)
        {
            var next = signal.Next;
            var now = time.GetUtcNow();
            var found = (await store.Guard.ReadApprovalsAsync(ct)).FirstOrDefault(a => a.Id == request.Id);
            if (found is null || !IsSeen(found, context))
                throw Unknown(request.Id);
            if (!request.Wait || found.State != ApprovalState.Waiting || found.IsExpired(now))
                return new() { Approval = found.ToProto(now) };
            // Another control plane may be the one that is told, when the leader changes meanwhile.
            var left = found.ExpiresAt - now;
            await Task.WhenAny(next, Task.Delay(left < LongestPause ? left : LongestPause, time, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public override async Task<ApproveResponse> Approve(ApproveRequest request, ServerCallContext context) =>
        new() { Approval = await DecideAsync(request.Id, isApproved: true, request.Reason, context) };

    /// <inheritdoc/>
    public override async Task<DenyResponse> Deny(DenyRequest request, ServerCallContext context) =>
        new() { Approval = await DecideAsync(request.Id, isApproved: false, request.Reason, context) };

    private async Task<V1.Approval> DecideAsync(long id, bool isApproved, string reason, ServerCallContext context)
    {
        var tenure = seat.Demand();
        RequestText.Check("reason", reason);
        if (Caller.KnownOf(context)?.Account is not { } account)
            throw Refused(StatusCode.FailedPrecondition, "nobody is registered: there is no second operator (hactl operator add)");
        var write = await store.Guard.DecideAsync(
            id, asked => asked.DecisionProblem(account, time.GetUtcNow()), isApproved, account.Name, reason, tenure.Term.Number, context.CancellationToken);
        signal.Pulse();
        if (write.IsTermOver)
            throw tenure.Term.EndedError();
        if (write.Before is not { } before || !account.SeesAny(before.Touched))
            throw Unknown(id);
        if (write.Problem is { } problem)
            throw Refused(StatusCode.FailedPrecondition, problem);
        var now = time.GetUtcNow();
        var after = write.After!.ToProto(now);
        AuditNotes.Of(context).Change(string.Create(CultureInfo.InvariantCulture, $"approval/{id}"), before.ToProto(now), after);
        return after;
    }

    private static bool IsSeen(Approval approval, ServerCallContext context) =>
        Caller.KnownOf(context)?.Account is not { } account || account.SeesAny(approval.Touched);

    private static RpcException Unknown(long id) =>
        Refused(StatusCode.NotFound, string.Create(CultureInfo.InvariantCulture, $"id: there is no request for approval {id} (hactl approvals)"));

    private static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));
}
