using System.CommandLine;
using System.Globalization;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl approvals</c>, <c>approve</c> and <c>deny</c>: what waits for a second operator.</summary>
internal static class ApprovalCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var command = CreateList(runner, "approvals", "Show what waits for a second operator, or is approved and not used.");
        command.Add(CreateList(runner, "list", "The same."));
        return command;
    }

    internal static Command CreateApprove(CommandRunner runner) => CreateDecision(
        runner, "approve", "Approve what another operator has asked for; they can do it then, once.",
        async (call, id, reason) => (await call.ControlPlane.Guard.ApproveAsync(new() { Id = id, Reason = reason }, call.Short).ConfigureAwait(false)).Approval);

    internal static Command CreateDeny(CommandRunner runner) => CreateDecision(
        runner, "deny", "Deny what another operator has asked for.",
        async (call, id, reason) => (await call.ControlPlane.Guard.DenyAsync(new() { Id = id, Reason = reason }, call.Short).ConfigureAwait(false)).Approval);

    private static Command CreateList(CommandRunner runner, string name, string description)
    {
        var all = new Option<bool>("--all") { Description = "also what is over, of the last 30 days" };
        var command = new Command(name, description) { all };
        runner.Attach(command, async call =>
        {
            var request = new ListApprovalsRequest { All = call.Parsed.GetValue(all) };
            var approvals = (await call.ControlPlane.Guard.ListApprovalsAsync(request, call.Short).ConfigureAwait(false)).Approvals;
            if (call.Json)
            {
                Json.Write(call.Out, new ApprovalsJson([.. approvals.Select(ApprovalJson.Of)]), shapes => shapes.ApprovalsJson);
                return ExitCode.Done;
            }
            var table = new Table("ID", "STATE", "ACT", "OF", "ASKED BY", "UNTIL", "DECIDED BY", "HITS", "REASON");
            foreach (var approval in approvals)
            {
                table.Add(
                    approval.Id.ToString(CultureInfo.InvariantCulture),
                    ApprovalLines.Word(approval.State),
                    approval.Act,
                    approval.Name,
                    approval.RequestedBy,
                    Times.Full(approval.ExpiresAt, call.Surroundings.Time)[..19],
                    approval.DecidedBy,
                    approval.Summary,
                    approval.Reason);
            }
            table.Print(call.Out);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateDecision(
        CommandRunner runner, string name, string description, Func<CommandRunner.Call, long, string, Task<Approval>> decide)
    {
        var id = new Argument<long>("ID") { Description = "the number of the request (hactl approvals)" };
        var reason = new Option<string?>("--reason") { Description = "kept with the decision", HelpName = "TEXT" };
        var command = new Command(name, description) { id, reason };
        runner.Attach(command, async call =>
        {
            var approval = await decide(call, call.Parsed.GetRequiredValue(id), call.Parsed.GetValue(reason) ?? "").ConfigureAwait(false);
            if (call.Json)
                Json.Write(call.Out, ApprovalJson.Of(approval), shapes => shapes.ApprovalJson);
            else
                call.Out.Tell($"{approval.Act} of {approval.Name} by {approval.RequestedBy}: {ApprovalLines.Describe(approval)}");
            return ExitCode.Done;
        });
        return command;
    }
}
