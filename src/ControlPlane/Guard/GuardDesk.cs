using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Rest;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Access;
using HaGrpc.Core.Guard;
using HaGrpc.V1;
using Approval = HaGrpc.Core.Guard.Approval;
using GuardDemand = HaGrpc.Core.Guard.GuardDemand;
using OperatorRole = HaGrpc.Core.Access.OperatorRole;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>
/// What stands before dangerous acts (docs/adr/0033): whoever asks for one has seen what it hits now, the policy does not forbid it, and where that
/// demands it another operator has approved. It looks at the call, and not at the client: what comes by an old hactl or by curl is refused, too.
/// </summary>
internal sealed partial class GuardDesk(
    Store store, ActRadius radius, RadiusAnswers answers, ConfirmationSeal seal, EventSignal signal, TimeProvider time, ILogger<GuardDesk> log)
{
    /// <summary>Metadata of a call: the confirmation.</summary>
    public const string ConfirmationKey = "hagrpc-confirmation";

    /// <summary>Trailer of a refusal: a <see cref="PreviewResponse"/>.</summary>
    public const string PreviewKey = "hagrpc-preview-bin";

    /// <summary>Trailer of a refusal: the number of the request for approval.</summary>
    public const string ApprovalKey = "hagrpc-approval";

    // In a box of its own: read and written by calls at the same time.
    private volatile StrongBox<ImmutableArray<StoredRule>>? _last;

    // Told once each.
    private readonly ConcurrentDictionary<string, bool> _unknown = new(StringComparer.Ordinal);

    /// <summary>A call, and who makes it.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="Request">What it says.</param>
    /// <param name="Caller">Who makes it.</param>
    /// <param name="Accounts">All operators; none: everybody may do everything.</param>
    internal sealed record Attempt(OperatorCall Call, IMessage Request, Caller Caller, ImmutableArray<StoredOperator> Accounts)
    {
        /// <summary>Of whoever makes it; of everybody that of an admin while nobody is registered.</summary>
        public OperatorRole Role => Caller.Account?.Role ?? (Accounts.IsEmpty ? OperatorRole.Admin : OperatorRole.None);
    }

    /// <summary>Refuses what may not be done, or not yet.</summary>
    /// <exception cref="RpcException">FAILED_PRECONDITION with what is missing, or PERMISSION_DENIED where the policy forbids it.</exception>
    public async Task DemandAsync(Attempt attempt, Tenure tenure, ServerCallContext context)
    {
        if (!GuardedActs.Knows(attempt.Call.Name))
            return;
        var ct = context.CancellationToken;
        if (await JudgeAsync(attempt, tenure, ct) is not { } judged)
            return;
        switch (judged.Verdict.Demand)
        {
            case GuardDemand.Allow:
                return;
            case GuardDemand.Forbid:
                LogForbidden(log, attempt.Call.Name, attempt.Caller.Name, judged.Why);
                throw new RpcException(new Status(
                    StatusCode.PermissionDenied, $"the policy forbids to {GuardedActs.Of(judged.Radius.Act).What} here: {judged.Why}"));
            case GuardDemand.SecondApprover:
                await DemandApprovalAsync(attempt, judged, tenure, context);
                return;
            default:
                if (ConfirmationProblem(judged, context) is { } problem)
                    throw await UnconfirmedAsync(judged, problem, tenure, context);
                return;
        }
    }

    /// <summary>What a call would hit, and what is demanded of whoever makes it.</summary>
    public async Task<PreviewResponse> PreviewAsync(Attempt attempt, Tenure tenure, CancellationToken ct)
    {
        if (!GuardedActs.Knows(attempt.Call.Name) || !attempt.Call.IsAudited(attempt.Request) || await JudgeAsync(attempt, tenure, ct) is not { } judged)
            return new() { Demand = V1.GuardDemand.Allow };
        var preview = await DescribeAsync(judged, tenure, ct);
        if (judged.Verdict.Demand == GuardDemand.SecondApprover && attempt.Caller.Account is { } account)
        {
            var now = time.GetUtcNow();
            preview.Approval = (await store.Guard.ReadApprovalsAsync(ct))
                .FirstOrDefault(a => ((a.State == Core.Guard.ApprovalState.Waiting && !a.IsExpired(now)) || a.MayBeUsed(now))
                    && a.RequestedBy == account.Name && a.Digest == judged.Shown.Digest && a.Fingerprint == judged.Shown.Fingerprint)?.ToProto(now);
        }
        return preview;
    }

    private async Task<Judged?> JudgeAsync(Attempt attempt, Tenure tenure, CancellationToken ct)
    {
        try
        {
            if (await radius.OfAsync(attempt.Request, tenure, ct) is not { } hit)
                return null;
            var rules = await RulesAsync(ct);
            var verdict = new GuardPolicy(rules.Select(r => r.Rule)).Judge(hit.Act, attempt.Role, hit.Touched);
            var shown = new Shown(attempt.Caller.Name, CallDigest.Of(attempt.Call.Name, attempt.Request), hit.Fingerprint());
            return new(hit, verdict, WhyOf(verdict, hit.Act, rules), shown);
        }
        catch (StorageException e)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"nothing was done, because what is demanded before it cannot be read: {e.Message}"));
        }
    }

    /// <summary>While the database is away those that were read last count: nobody can change them then.</summary>
    private async Task<ImmutableArray<StoredRule>> RulesAsync(CancellationToken ct)
    {
        try
        {
            var policy = await store.Guard.ReadPolicyAsync(ct);
            foreach (var act in policy.UnknownActs)
            {
                if (_unknown.TryAdd(act, true))
                    LogUnknownAct(log, ForeignText.Visible(act, 50));
            }
            _last = new(policy.Rules);
            return policy.Rules;
        }
        catch (StorageException) when (_last is not null)
        {
            return _last.Value;
        }
    }

    private static string WhyOf(GuardVerdict verdict, Core.Guard.GuardedAct act, ImmutableArray<StoredRule> rules)
    {
        if (rules.FirstOrDefault(r => r.Rule == verdict.Rule) is not { } rule)
            return $"the standard of {GuardedActs.NameOf(act)}";
        var why = rule.Reason.Length > 0 ? $": {rule.Reason}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{rule.Rule} (set by {ActorName.Shown(rule.SetBy)} on {rule.SetAt:yyyy-MM-dd}{why})");
    }

    private string? ConfirmationProblem(Judged judged, ServerCallContext context) =>
        context.RequestHeaders.GetValue(ConfirmationKey) is { Length: > 0 } confirmation ? seal.Problem(confirmation, judged.Shown, ConfirmationSeal.LifetimeOf(judged.Radius.Act)) : "";

    private async Task<PreviewResponse> DescribeAsync(Judged judged, Tenure tenure, CancellationToken ct)
    {
        var preview = judged.Verdict.Demand == GuardDemand.Allow
            ? new() { Act = GuardedActs.NameOf(judged.Radius.Act), Demand = V1.GuardDemand.Allow, DemandedBy = judged.Why, Name = judged.Radius.Name }
            : await answers.DescribeAsync(judged.Radius, judged.Verdict, judged.Why, tenure, ct);
        if (judged.Verdict.Demand is GuardDemand.Confirm or GuardDemand.SecondApprover)
        {
            preview.Confirmation = seal.Make(judged.Shown);
            preview.ValidFor = ConfirmationSeal.LifetimeOf(judged.Radius.Act).ToDuration();
        }
        return preview;
    }

    /// <param name="judged">What was asked for.</param>
    /// <param name="problem">What is wrong with the confirmation; empty when there is none.</param>
    /// <param name="tenure">The leadership in force.</param>
    /// <param name="context">Of the call.</param>
    private async Task<RpcException> UnconfirmedAsync(Judged judged, string problem, Tenure tenure, ServerCallContext context)
    {
        var preview = await DescribeAsync(judged, tenure, context.CancellationToken);
        var what = $"to {GuardedActs.Of(judged.Radius.Act).What} has to be confirmed ({judged.Why})";
        var state = problem.Length == 0 ? "and was not" : $"and the confirmation does not count: {problem}";
        var status = new Status(StatusCode.FailedPrecondition, $"{what}, {state}; nothing was done. {judged.Radius.Name}: {preview.Summary}");
        return new(status, RestDetails.For(context, status, preview) ?? new() { { PreviewKey, RadiusAnswers.ForTrailers(preview).ToByteArray() } });
    }

    private async Task DemandApprovalAsync(Attempt attempt, Judged judged, Tenure tenure, ServerCallContext context)
    {
        if (attempt.Caller.Account is not { } account)
        {
            throw new RpcException(new Status(
                StatusCode.FailedPrecondition, $"a second operator has to approve ({judged.Why}), and nobody is registered: hactl operator add"));
        }
        var hit = judged.Radius;
        var wanted = new Approval
        {
            Act = hit.Act,
            Digest = judged.Shown.Digest,
            Fingerprint = judged.Shown.Fingerprint,
            Name = hit.Name,
            Summary = "",
            Touched = hit.Touched,
            Role = attempt.Call.Role(attempt.Request),
            RequestedBy = account.Name,
            RequestedAt = default,
            Reason = ForeignText.Visible(ReasonOf(attempt.Request), 500),
        };
        try
        {
            // Whoever has asked for approval has confirmed that this is to be hit, and just this.
            if (await store.Guard.TakeAsync(wanted, known => Counts(known, attempt), tenure.Term.Number, context.CancellationToken) is { } used)
            {
                signal.Pulse();
                var now = time.GetUtcNow();
                AuditNotes.Of(context).Change(
                    string.Create(CultureInfo.InvariantCulture, $"approval/{used.Id}"),
                    used.ToProto(now), (used with { State = Core.Guard.ApprovalState.Used }).ToProto(now));
                return;
            }
            if (ConfirmationProblem(judged, context) is { } problem)
                throw await UnconfirmedAsync(judged, problem, tenure, context);
            var preview = await DescribeAsync(judged, tenure, context.CancellationToken);
            if (await store.Guard.AskAsync(wanted with { Summary = preview.Summary }, tenure.Term.Number, context.CancellationToken) is not { } asked)
            {
                throw new RpcException(new Status(
                    StatusCode.Unavailable, "a second operator has to approve, and cannot be asked now: too many requests wait, or this control plane does not lead any more"));
            }
            signal.Pulse();
            var id = asked.Id.ToString(CultureInfo.InvariantCulture);
            LogAsked(log, account.Name, asked.Id, GuardedActs.NameOf(asked.Act), asked.Name);
            var status = new Status(
                StatusCode.FailedPrecondition,
                $"a second operator has to approve ({judged.Why}): hactl approve {id}. Then ask again, within {Approval.Lifetime.TotalMinutes:F0} minutes; nothing was done");
            throw new RpcException(status, RestDetails.For(context, status, asked.ToProto(time.GetUtcNow())) ?? new() { { ApprovalKey, id } });
        }
        catch (StorageException e)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"nothing was done, because approvals cannot be read or written: {e.Message}"));
        }
    }

    /// <summary>Whoever has approved is still an operator who may, and another one.</summary>
    private bool Counts(Approval approval, Attempt attempt) =>
        attempt.Accounts.FirstOrDefault(a => a.Account.Name == approval.DecidedBy)?.Account is { } account
        && account.Name != approval.RequestedBy && account.Obstacle(time.GetUtcNow()) is null
        && AccessRules.Denial(account, approval.Role, approval.Touched) is null;

    private static string ReasonOf(IMessage request) => request.Descriptor.FindFieldByName("reason")?.Accessor.GetValue(request) as string ?? "";

    [LoggerMessage(1190, LogLevel.Warning, "the policy has a rule for {Act}, which this version does not know: it stays, and does not count here")]
    private static partial void LogUnknownAct(ILogger log, string act);

    [LoggerMessage(1122, LogLevel.Warning, "{Call} by {Caller} was refused by the policy: {Why}")]
    private static partial void LogForbidden(ILogger log, string call, string caller, string why);

    [LoggerMessage(1123, LogLevel.Information, "{Caller} asks for approval {Id}: {Act} of {Name}")]
    private static partial void LogAsked(ILogger log, string caller, long id, string act, string name);

    /// <summary>What a call would hit, and what that demands.</summary>
    private sealed record Judged(BlastRadius Radius, GuardVerdict Verdict, string Why, Shown Shown);
}
