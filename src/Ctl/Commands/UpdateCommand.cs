using System.CommandLine;
using System.Globalization;
using HaGrpc.Contracts;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Progress;
using HaGrpc.Ctl.Updating;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl program update GROUP:NAME|GROUP</c>: a new release, or the same binary read again, a few processes at a time (docs/adr/0035).</summary>
internal static class UpdateCommand
{
    private const int MostAtOnce = 1000;

    internal static Command Create(CommandRunner runner)
    {
        var options = new Options();
        var command = new Command("update", "Take a new release, or read the binary again: in order or rolling, each ready before the next.")
        {
            options.Name, options.To, options.From, options.Rolling, options.InOrder, options.RollBack, options.DryRun, options.Reason, options.Quiet,
        };
        options.Guard.AddTo(command);
        runner.Attach(command, call => RunAsync(call, options));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, Options options)
    {
        var (name, to, from) = (call.Parsed.GetValue(options.Name)!, call.Parsed.GetValue(options.To), call.Parsed.GetValue(options.From));
        var rolling = call.Parsed.GetValue(options.Rolling);
        if (rolling is not null && call.Parsed.GetValue(options.InOrder))
            throw new UsageException("--rolling and --in-order: give one of them");
        if (to is null && (from is not null || call.Parsed.GetValue(options.RollBack)))
            throw new UsageException("--from and --rollback-on-failure need --to: without a new release there is none to go back from");
        var registry = await call.ControlPlane.Registry.ExportAsync(new(), call.Short).ConfigureAwait(false);
        if (UpdatePlan.Of([.. registry.Programs.Select(p => p.ToModel())], name, to, from, rolling) is not { } plan)
        {
            call.Say($"no program is registered as '{name}'");
            await Selectors.TellNearAsync(call, [name]).ConfigureAwait(false);
            return ExitCode.Refused;
        }
        if (call.Parsed.GetValue(options.RollBack) && plan.Old.FirstOrDefault(pair => pair.Value is null).Key is { Group: not null } mixed)
            throw new UsageException($"--rollback-on-failure: the processes of {mixed} differ already, so there is no release to go back to");
        if (call.Parsed.GetValue(options.DryRun))
            return Show(call, name, plan);
        var reason = call.Reason(call.Parsed.GetValue(options.Reason), $"program update {name}");
        var rollsBack = call.Parsed.GetValue(options.RollBack);
        var permit = new UpdatePermit(call, options.Guard.Of(call.Parsed), plan, rollsBack);
        await permit.ObtainAsync(name, reason).ConfigureAwait(false);
        return await CarryOutAsync(call, name, plan, new(call, plan, permit, reason, options.Quiet), rollsBack).ConfigureAwait(false);
    }

    private static async Task<int> CarryOutAsync(CommandRunner.Call call, string name, UpdatePlan plan, UpdateRun run, bool rollsBack)
    {
        var results = new List<UpdateResult>();
        void Tell(UpdateResult result)
        {
            results.Add(result);
            if (!call.Json)
                Print(call, result);
        }

        var isDone = await run.ForwardAsync(Tell).ConfigureAwait(false);
        if (!isDone)
        {
            var failed = results.Where(r => r.Outcome == "not_ready").Select(r => r.Name);
            call.Say($"stopped: {string.Join(", ", failed)} did not become ready; {results.Count(r => r.Outcome == "not_reached")} of {results.Count} were not touched");
            // What was on it before leaves no release to go back to.
            var isElsewhere = plan.Path is { } there && there.From != there.To;
            if (rollsBack && isElsewhere)
            {
                var touched = results.Where(r => r.Outcome is "updated" or "registered" or "not_ready").Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
                var isBack = await run.BackAsync(touched, Tell).ConfigureAwait(false);
                if (isBack)
                    call.Say($"everything is on {plan.Path!.From} again");
                else
                    call.Say($"not everything came back on {plan.Path!.From}: see hactl status");
            }
            else if (isElsewhere)
            {
                call.Say($"once 'hactl start {string.Join(' ', failed)}' succeeds, the same command goes on; 'hactl program update {name} --to {plan.Path!.From} --from {plan.Path.To}' goes back");
            }
            else if (plan.Path is not null)
            {
                call.Say($"once 'hactl start {string.Join(' ', failed)}' succeeds, the same command goes on");
            }
        }
        if (call.Json)
            Json.Write(call.Out, Document(name, plan, dryRun: false, results), shapes => shapes.UpdateJson);
        return isDone ? ExitCode.Done : ExitCode.NotRunning;
    }

    private static void Print(CommandRunner.Call call, UpdateResult result)
    {
        var took = (result.Seconds ?? 0).ToString("F1", CultureInfo.InvariantCulture);
        var ink = Page.Of(call.Out).Ink;
        var line = result.Outcome switch
        {
            "updated" => ink.Paint(Speech.Of($"updated, ready on {result.Host} after {took} s"), Hue.Good),
            "restarted" => ink.Paint(Speech.Of($"restarted, ready on {result.Host} after {took} s"), Hue.Good),
            "rolled_back" => ink.Paint(Speech.Of($"rolled back, ready on {result.Host} after {took} s"), Hue.Busy),
            "registered" => Speech.Of("registered; it is stopped and stays so"),
            "stopped" => Speech.Of("is stopped and stays so"),
            "unchanged" => Speech.Of("has it already"),
            "not_reached" => Speech.Of("not touched"),
            _ => ink.Paint(Speech.Of($"ERROR (not ready after {took} s): {result.Detail}"), Hue.Bad),
        };
        call.Out.Tell($"{result.Name}: {line}");
    }

    private static int Show(CommandRunner.Call call, string name, UpdatePlan plan)
    {
        if (call.Json)
        {
            Json.Write(call.Out, Document(name, plan, dryRun: true, []), shapes => shapes.UpdateJson);
            return ExitCode.Done;
        }
        if (plan.Path is { } path)
            call.Out.Tell($"{name} would go from {path.From} to {path.To}:");
        else
            call.Out.Tell($"{name} would be restarted:");
        for (var i = 0; i < plan.Batches.Length; i++)
        {
            call.Out.WriteLine($"{i + 1}. {string.Join(", ", plan.Batches[i].Select(p => p.Name))}");
            foreach (var process in plan.Batches[i])
            {
                foreach (var (field, from, to) in plan.Differences(process))
                    call.Out.Tell($"     {process.Name} {field}: {from} -> {to}");
            }
        }
        return ExitCode.Done;
    }

    private static UpdateJson Document(string name, UpdatePlan plan, bool dryRun, IEnumerable<UpdateResult> results) => new(
        name,
        plan.Path?.From,
        plan.Path?.To,
        dryRun,
        [.. plan.Batches.Select(batch => new UpdateBatchJson([.. batch.Select(p => p.Name.ToString())]))],
        [.. results.Select(UpdateResultJson.Of)]);

    /// <summary>What it takes.</summary>
    private sealed class Options
    {
        internal Argument<string> Name { get; } = new("GROUP:NAME|GROUP") { Description = "a program, with all its processes; or all programs of a group" };

        internal Option<string?> To { get; } = new("--to")
        {
            Description = "the directory of the new release, on the hosts: it comes in the place of the one beside it that command and directory name; "
                + "else the same binary is started anew",
            HelpName = "PATH",
        };

        internal Option<string?> From { get; } = new("--from") { Description = "the path that --to replaces, where that cannot be told", HelpName = "PATH" };

        internal Option<int?> Rolling { get; } = new("--rolling")
        {
            Description = "so many processes at a time, in the order of starting",
            HelpName = "N",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MostAtOnce)
                    return number;
                result.AddError(Speech.Of($"--rolling {text}: must be 1 to {MostAtOnce}"));
                return null;
            },
        };

        internal Option<bool> InOrder { get; } = new("--in-order") { Description = "all of one priority at a time, the lowest first; so it is when nothing is said" };

        internal Option<bool> RollBack { get; } = new("--rollback-on-failure") { Description = "when one does not become ready, put the old release back everywhere" };

        internal Option<bool> DryRun { get; } = new("--dry-run") { Description = "show the order and what would change; do nothing" };

        internal Option<string?> Reason { get; } = new("--reason") { Description = "kept in the history", HelpName = "TEXT" };

        internal Option<bool> Quiet { get; } = WorkProgress.Option();

        internal GuardOptions Guard { get; } = new();
    }
}
