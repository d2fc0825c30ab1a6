using System.Globalization;
using Grpc.Core;
using HaGrpc.Core.Guard;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;
using Approval = HaGrpc.V1.Approval;
using ApprovalState = HaGrpc.V1.ApprovalState;
using GuardDemand = HaGrpc.V1.GuardDemand;

namespace HaGrpc.Ctl.Guard;

/// <summary>
/// Makes a call that may be dangerous: shows what it would hit, has it confirmed, and waits for a second operator where that is demanded. The control
/// plane decides what is dangerous, and refuses what comes without this.
/// </summary>
internal static class GuardedCall
{
    internal const string ConfirmationKey = "hagrpc-confirmation";

    private const string ApprovalKey = "hagrpc-approval", PreviewKey = "hagrpc-preview-bin";

    /// <summary>Makes it.</summary>
    /// <param name="call">The run of the command.</param>
    /// <param name="choice">How the operator answers.</param>
    /// <param name="request">The call, to be shown before it is made; null for one of which nothing is demanded as a rule: it is made at once, and
    /// shown when it is refused.</param>
    /// <param name="options">Of the call, from when it is made.</param>
    /// <param name="ask">Makes the call.</param>
    /// <exception cref="UsageException">It has to be confirmed and is not; nothing was done.</exception>
    internal static async Task<T> RunAsync<T>(
        CommandRunner.Call call, GuardChoice choice, PreviewRequest? request, Func<CallOptions> options, Func<CallOptions, Task<T>> ask)
    {
        if (choice.Approval is { } id)
            Demand(await DecisionAsync(call, id, choice.Wait).ConfigureAwait(false));
        PreviewResponse seen;
        if (request is null)
        {
            try
            {
                return await ask(options()).ConfigureAwait(false);
            }
            catch (RpcException refusal) when (PreviewOf(refusal) is not null)
            {
                seen = PreviewOf(refusal)!;
            }
        }
        else
        {
            seen = await PreviewAsync(call, request).ConfigureAwait(false);
        }
        if (seen.Demand is not (GuardDemand.Confirm or GuardDemand.SecondApprover) || IsApproved(seen))
            return await ask(options()).ConfigureAwait(false);
        if (seen.Approval is { State: ApprovalState.Waiting } waiting)
        {
            await WaitAsync(call, choice, waiting.Id, Speech.Of($"it waits for a second operator: hactl approve {waiting.Id}")).ConfigureAwait(false);
            return await ask(options()).ConfigureAwait(false);
        }
        if (!choice.IsConfirmed)
        {
            PreviewLines.Print(seen, call.Surroundings.Error);
            Confirm(call.Surroundings, choice.Yes, seen.Name);
        }
        try
        {
            return await ask(options().WithHeaders(new Metadata { { ConfirmationKey, seen.Confirmation } })).ConfigureAwait(false);
        }
        catch (RpcException refusal) when (ApprovalOf(refusal) is { } number)
        {
            await WaitAsync(call, choice, number, refusal.Status.Detail).ConfigureAwait(false);
            return await ask(options()).ConfigureAwait(false);
        }
    }

    /// <summary>The request for approval that a refusal names; null for none.</summary>
    internal static long? ApprovalOf(RpcException refusal) => refusal.Trailers.GetValue(ApprovalKey) is { } asked
        && long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>What a call would hit, in one line; empty when the control plane has nothing to say to that.</summary>
    internal static async Task<string> SummaryAsync(CommandRunner.Call call, PreviewRequest request) =>
        PreviewLines.Summary(await PreviewAsync(call, request).ConfigureAwait(false));

    /// <returns>Null when it was refused for something else.</returns>
    private static PreviewResponse? PreviewOf(RpcException refusal) =>
        refusal.Trailers.GetValueBytes(PreviewKey) is { } bytes ? PreviewResponse.Parser.ParseFrom(bytes) : null;

    /// <summary>True when another operator has approved it, or some steps of it were made with that approval.</summary>
    internal static bool IsApproved(PreviewResponse seen) => seen.Approval is { State: ApprovalState.Approved or ApprovalState.Used };

    /// <returns>Without a demand when the control plane is an older one.</returns>
    internal static async Task<PreviewResponse> PreviewAsync(CommandRunner.Call call, PreviewRequest request)
    {
        try
        {
            return await call.ControlPlane.Guard.PreviewAsync(request, call.Short).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
        {
            return new();
        }
    }

    /// <exception cref="UsageException">There is nobody to ask, or the answer is another one.</exception>
    internal static void Confirm(Surroundings surroundings, string? yes, string name)
    {
        if (yes is not null)
        {
            if (!ConfirmedName.Matches(name, yes))
                throw new UsageException($"--yes {yes}: must be {name}, for that is what it hits; nothing was done");
            return;
        }
        if (!surroundings.IsAnswering)
            throw new UsageException($"it must be confirmed: --yes {name}; nothing was done");
        if (!ConfirmedName.Matches(name, surroundings.Ask(Speech.Of($"Type {name} to go on: "))))
            throw new UsageException("not confirmed: nothing was done");
    }

    internal static async Task WaitAsync(CommandRunner.Call call, GuardChoice choice, long id, string why)
    {
        if (!choice.Wait)
            throw new RpcException(new Status(StatusCode.FailedPrecondition, why));
        call.Say($"waits for approval {id.ToString(CultureInfo.InvariantCulture)}");
        Demand(await DecisionAsync(call, id, wait: true).ConfigureAwait(false));
    }

    internal static async Task<Approval> DecisionAsync(CommandRunner.Call call, long id, bool wait) =>
        (await call.ControlPlane.Guard.GetApprovalAsync(new() { Id = id, Wait = wait }, call.Patient).ConfigureAwait(false)).Approval;

    /// <exception cref="RpcException">FAILED_PRECONDITION: it is not approved.</exception>
    internal static void Demand(Approval approval)
    {
        if (approval.State == ApprovalState.Approved)
            return;
        throw new RpcException(new Status(StatusCode.FailedPrecondition, Speech.Of($"{ApprovalLines.Describe(approval)}; nothing was done")));
    }
}
