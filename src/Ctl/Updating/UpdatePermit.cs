using System.Globalization;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;
using ApprovalState = HaGrpc.V1.ApprovalState;
using GuardDemand = HaGrpc.V1.GuardDemand;
using Program = HaGrpc.Core.Model.Program;

namespace HaGrpc.Ctl.Updating;

/// <summary>
/// What the policy demands of an update, asked for once and before its first step: an update that waits for somebody between two batches is an
/// outage. The way back needs nothing more when it was asked for with it.
/// </summary>
/// <param name="call">The run of the command.</param>
/// <param name="choice">How the operator answers.</param>
/// <param name="plan">What is to be done.</param>
/// <param name="rollsBack">True when the old release may come back.</param>
internal sealed class UpdatePermit(CommandRunner.Call call, GuardChoice choice, UpdatePlan plan, bool rollsBack)
{
    private readonly Dictionary<ProgramName, string> _confirmations = [];
    private bool _isConfirmed;

    /// <summary>For restarts, which are confirmed as a whole and made one by one.</summary>
    internal GuardChoice OfEachRestart => choice with { IsConfirmed = _isConfirmed || choice.IsConfirmed };

    /// <summary>Shows what it hits, has it confirmed and waits for approvals where that is demanded.</summary>
    /// <param name="name">What was asked for, and is said again to confirm.</param>
    /// <param name="reason">Why.</param>
    /// <exception cref="Connection.UsageException">It is not confirmed; nothing was done.</exception>
    /// <exception cref="RpcException">It is forbidden, or not approved; nothing was done.</exception>
    internal async Task ObtainAsync(string name, string reason)
    {
        if (choice.Approval is { } id)
            GuardedCall.Demand(await GuardedCall.DecisionAsync(call, id, choice.Wait).ConfigureAwait(false));
        // In the order in which they go.
        var programs = plan.Path is null ? [] : plan.Batches.SelectMany(b => b).Select(ProgramExpansion.TemplateOf).Distinct();
        var asked = programs.Select(p => (Program: p, Request: WholeOf(p, plan.New[p], reason)));
        var seen = new List<(ProgramName? Program, UpdateProcessesRequest? Request, PreviewResponse Preview)>();
        foreach (var (program, request) in asked)
            seen.Add((program, request, await GuardedCall.PreviewAsync(call, new() { Update = request }).ConfigureAwait(false)));
        if (plan.Path is null && RestartOfAll(reason) is { } restart)
            seen.Add((null, null, await GuardedCall.PreviewAsync(call, new() { Restart = restart }).ConfigureAwait(false)));
        var open = seen.Where(s => s.Preview.Demand is GuardDemand.Confirm or GuardDemand.SecondApprover && !GuardedCall.IsApproved(s.Preview)).ToArray();
        if (open.Any(s => s.Preview.Approval is null))
            Confirm(name, open.Where(s => s.Preview.Approval is null).Select(s => s.Preview));
        foreach (var (program, request, preview) in seen.Where(s => s.Program is not null))
        {
            if (preview.Demand == GuardDemand.Confirm)
                _confirmations.Add(program!.Value, preview.Confirmation);
            else if (preview.Demand == GuardDemand.Forbid || (preview.Demand == GuardDemand.SecondApprover && !GuardedCall.IsApproved(preview)))
                await AskAsync(request!, preview).ConfigureAwait(false);
        }
    }

    /// <summary>A step, without its processes.</summary>
    /// <param name="name">The program.</param>
    /// <param name="program">As it shall be registered.</param>
    /// <param name="reason">Why.</param>
    internal UpdateProcessesRequest RequestOf(ProgramName name, Program program, string reason)
    {
        var request = new UpdateProcessesRequest { Program = program.ToProto(), Reason = reason };
        if (rollsBack)
            request.Earlier = (ReferenceEquals(program, plan.New[name]) ? plan.Old[name]! : plan.New[name]).ToProto();
        return request;
    }

    /// <summary>The options of a step.</summary>
    internal CallOptions Allow(ProgramName program, CallOptions options) => _confirmations.TryGetValue(program, out var confirmation)
        ? options.WithHeaders(new Metadata { { GuardedCall.ConfirmationKey, confirmation } })
        : options;

    private void Confirm(string name, IEnumerable<PreviewResponse> previews)
    {
        if (choice.IsConfirmed)
            return;
        var error = call.Surroundings.Error;
        for (var i = 0; i < plan.Batches.Length; i++)
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {string.Join(", ", plan.Batches[i].Select(p => p.Name))}"));
        foreach (var preview in previews)
            PreviewLines.Print(preview, error);
        GuardedCall.Confirm(call.Surroundings, choice.Yes, name);
        _isConfirmed = true;
    }

    /// <summary>Asks for approval by the first step of it, which is refused for the lack of it; what the policy forbids it refuses for good.</summary>
    private async Task AskAsync(UpdateProcessesRequest request, PreviewResponse preview)
    {
        if (preview.Approval is { State: ApprovalState.Waiting } waiting)
        {
            var id = waiting.Id.ToString(CultureInfo.InvariantCulture);
            await GuardedCall.WaitAsync(call, choice, waiting.Id, $"it waits for a second operator: hactl approve {id}").ConfigureAwait(false);
            return;
        }
        var step = request.Clone();
        step.Processes.Clear();
        step.Processes.Add(request.Processes[0]);
        try
        {
            var options = preview.Confirmation.Length == 0 ? call.Short : call.Short.WithHeaders(new Metadata { { GuardedCall.ConfirmationKey, preview.Confirmation } });
            _ = await call.ControlPlane.Release.UpdateProcessesAsync(step, options).ConfigureAwait(false);
        }
        catch (RpcException refusal) when (GuardedCall.ApprovalOf(refusal) is { } number)
        {
            await GuardedCall.WaitAsync(call, choice, number, refusal.Status.Detail).ConfigureAwait(false);
        }
    }

    private UpdateProcessesRequest WholeOf(ProgramName name, Program program, string reason)
    {
        var request = RequestOf(name, program, reason);
        request.Processes.AddRange(plan.Batches.SelectMany(b => b).Where(p => ProgramExpansion.TemplateOf(p) == name).Select(p => p.Name.Name));
        return request;
    }

    private RestartProgramsRequest? RestartOfAll(string reason)
    {
        var request = new RestartProgramsRequest { Reason = reason, NoWait = true };
        request.Selectors.AddRange(plan.Batches.SelectMany(b => b).Where(p => p.DesiredState == Core.Model.DesiredState.Running).Select(p => p.Name.ToString()));
        return request.Selectors.Count == 0 ? null : request;
    }
}
