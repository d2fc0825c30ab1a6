using System.CommandLine;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;
using ActorName = HaGrpc.Core.Access.ActorName;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl policy</c>: what is demanded of whoever asks for which act.</summary>
internal static class PolicyCommand
{
    private const string Standard = "standard";

    internal static Command Create(CommandRunner runner) =>
        new("policy", "Say what is demanded before which act.") { CreateShow(runner), CreateSet(runner) };

    private static Command CreateShow(CommandRunner runner)
    {
        var command = new Command("show", "Show all acts with their standards, and the rules that stand over them.");
        runner.Attach(command, async call =>
        {
            var policy = await call.ControlPlane.Guard.GetPolicyAsync(new(), call.Short).ConfigureAwait(false);
            if (call.Json)
            {
                Json.Write(call.Out, PolicyJson.Of(policy), shapes => shapes.PolicyJson);
                return ExitCode.Done;
            }
            var acts = new Table("ACT", "STANDARD", "WHAT");
            foreach (var act in policy.Acts)
                acts.Add(act.Name, GuardWords.Of(act.Standard), act.PartOf.Length == 0 ? act.Description : Speech.Of($"{act.Description} (rules of {act.PartOf} count, too)"));
            acts.Print(call.Out);
            call.Out.WriteLine();
            if (policy.Rules.Count == 0)
            {
                call.Out.Tell("No rules: the standards count.");
                return ExitCode.Done;
            }
            var rules = new Table("RULE FOR", "ROLE", "GROUPS", "DEMANDS", "BY", "SINCE", "REASON");
            foreach (var rule in policy.Rules.Select(GuardRuleJson.Of))
                rules.Add(rule.Act, rule.Role ?? Speech.Of("every"), rule.Groups, rule.Demand, ActorName.Shown(rule.SetBy), rule.SetAt![..10], rule.Reason);
            rules.Print(call.Out);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateSet(CommandRunner runner)
    {
        var act = new Argument<string>("ACT") { Description = "the act, as hactl policy show lists them" };
        var demand = new Argument<string>("DEMAND") { Description = "allow, confirm, second-approver or forbid; standard removes the rule" };
        demand.AcceptOnlyFromAmong([.. GuardWords.Demands, Standard]);
        var role = new Option<string?>("--role") { Description = "only of operators with exactly this role; else of every role", HelpName = "ROLE" };
        role.AcceptOnlyFromAmong("viewer", "operator", "admin");
        var groups = new Option<string?>("--groups") { Description = "only of these, with * and ?; else of all", HelpName = "PATTERN" };
        var reason = new Option<string?>("--reason") { Description = "kept with the rule", HelpName = "TEXT" };
        var guard = new GuardOptions();
        var command = new Command("set", "Set or remove one rule; of several rules that fit the strictest counts.") { act, demand, role, groups, reason };
        guard.AddTo(command);
        runner.Attach(command, async call =>
        {
            var request = new SetPolicyRequest
            {
                Act = call.Parsed.GetRequiredValue(act),
                Demand = GuardWords.Parse(call.Parsed.GetRequiredValue(demand)),
                Role = call.Parsed.GetValue(role) switch
                {
                    "viewer" => OperatorRole.Viewer,
                    "operator" => OperatorRole.Operator,
                    "admin" => OperatorRole.Admin,
                    _ => OperatorRole.Unspecified,
                },
                Groups = call.Parsed.GetValue(groups) ?? "",
                Reason = call.Parsed.GetValue(reason) ?? "",
            };
            var set = await GuardedCall.RunAsync(
                call, guard.Of(call.Parsed), null, () => call.Short,
                async options => await call.ControlPlane.Guard.SetPolicyAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false);
            var rule = set.Rule is null ? null : GuardRuleJson.Of(set.Rule);
            if (call.Json)
                Json.Write(call.Out, new PolicyJson([], rule is null ? [] : [rule]), shapes => shapes.PolicyJson);
            else
                call.Out.WriteLine(rule is null ? Speech.Of($"{request.Act}: the rule is removed")
                    : Speech.Of($"{rule.Act} of {rule.Groups} by {rule.Role ?? Speech.Of("every role")}: {rule.Demand}"));
            return ExitCode.Done;
        });
        return command;
    }
}
