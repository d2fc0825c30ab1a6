using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;
using ActorName = HaGrpc.Core.Access.ActorName;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl operator</c> and <c>hactl whoami</c>: who may do what.</summary>
internal static class OperatorCommand
{
    internal static Command Create(CommandRunner runner) => new("operator", "Say who may do what.")
    {
        CreateAdd(runner), CreateList(runner), CreateSwitch(runner, "disable", isDisabled: true), CreateSwitch(runner, "enable", isDisabled: false), CreateRemove(runner),
    };

    internal static Command CreateWhoami(CommandRunner runner)
    {
        var command = new Command("whoami", "Show as whom the control plane knows you, and what you may do.");
        runner.Attach(command, async call =>
        {
            var said = await call.ControlPlane.Access.GetCallerAsync(new(), call.Short).ConfigureAwait(false);
            var account = said.Account is null ? null : OperatorJson.Of(said.Account);
            if (call.Json)
            {
                var json = new CallerJson(said.Name, said.Kind, said.Address, said.IsOpen, account, said.Detail);
                Json.Write(call.Out, json, shapes => shapes.CallerJson);
            }
            else
            {
                call.Out.Tell($"{said.Name}, known by {said.Kind}, from {said.Address}");
                call.Out.WriteLine(said.IsOpen ? Speech.Of("No operator is registered: everybody may do everything.")
                    : said.Account is { } known ? $"{known.Name}: {Describe(known)}"
                    : Speech.Of($"Not recognised: {said.Detail}"));
            }
            return said.IsOpen || account is not null ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static Command CreateAdd(CommandRunner runner)
    {
        var name = Name();
        var reason = Reason();
        var role = new Option<string>("--role") { Description = "viewer looks, operator acts on groups, admin may do everything", HelpName = "ROLE", Required = true };
        role.AcceptOnlyFromAmong("viewer", "operator", "admin");
        var groups = new Option<string?>("--groups") { Description = "only for these, with * and ?; else for all", HelpName = "PATTERN[,PATTERN]" };
        var token = new Option<bool>("--token") { Description = "recognised by a token, which is printed once; else by a client certificate of this name" };
        var ttl = new Option<TimeSpan?>("--ttl")
        {
            Description = "good for so long: 90d, 12h; else without an end",
            HelpName = "TIME",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (TryParseDays(text, out var time) && time >= TimeSpan.FromMinutes(1) && time <= TimeSpan.FromDays(3660))
                    return time;
                result.AddError(Speech.Of($"--ttl {text}: must be a time from 1m to 3660d, such as 90d or 12h"));
                return null;
            },
        };
        var command = new Command("add", "Let somebody in.") { name, role, groups, token, ttl, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, async call =>
        {
            var request = new AddOperatorRequest
            {
                Name = call.Parsed.GetValue(name)!,
                Role = call.Parsed.GetRequiredValue(role) switch
                {
                    "viewer" => OperatorRole.Viewer,
                    "operator" => OperatorRole.Operator,
                    _ => OperatorRole.Admin,
                },
                ByToken = call.Parsed.GetValue(token),
                Ttl = call.Parsed.GetValue(ttl)?.ToDuration(),
                Reason = call.Reason(call.Parsed.GetValue(reason), "operator add"),
            };
            request.Groups.AddRange((call.Parsed.GetValue(groups) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            var added = await GuardedCall.RunAsync(
                call, guard.Of(call.Parsed), null, () => call.Short,
                async options => await call.ControlPlane.Access.AddOperatorAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false);
            if (call.Json)
            {
                var json = new AddedOperatorJson(OperatorJson.Of(added.Account), added.Token.Length > 0 ? added.Token : null);
                Json.Write(call.Out, json, shapes => shapes.AddedOperatorJson);
                return ExitCode.Done;
            }
            // The token alone on standard output, so that it can go on to hactl login --token-stdin or into a file.
            (added.Token.Length > 0 ? call.Surroundings.Error : call.Out).WriteLine(added.Account.ByToken
                ? Speech.Of($"{added.Account.Name}: {Describe(added.Account)}, recognised by this token, which is not shown again")
                : Speech.Of($"{added.Account.Name}: {Describe(added.Account)}, recognised by client certificate"));
            if (added.Token.Length > 0)
                call.Out.WriteLine(added.Token);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateList(CommandRunner runner)
    {
        var command = new Command("list", "Show who may do what.");
        runner.Attach(command, async call =>
        {
            var accounts = (await call.ControlPlane.Access.ListOperatorsAsync(new(), call.Short).ConfigureAwait(false)).Accounts;
            if (call.Json)
            {
                Json.Write(call.Out, new OperatorsJson([.. accounts.Select(OperatorJson.Of)]), shapes => shapes.OperatorsJson);
                return ExitCode.Done;
            }
            var table = new Table("NAME", "ROLE", "GROUPS", "BY", "UNTIL", "ADDED", "ADDED BY");
            foreach (var account in accounts)
            {
                table.Add(
                    account.Name,
                    OperatorJson.RoleOf(account),
                    account.Groups.Count == 0 ? Speech.Of("all") : string.Join(",", account.Groups),
                    account.ByToken ? Speech.Of("token") : Speech.Of("certificate"),
                    account.Disabled ? Speech.Of("disabled") : account.ExpiresAt is { } end ? Times.Full(end, call.Surroundings.Time)[..19] : "",
                    Times.Full(account.CreatedAt, call.Surroundings.Time)[..19],
                    ActorName.Shown(account.CreatedBy));
            }
            table.Print(call.Out);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateSwitch(CommandRunner runner, string word, bool isDisabled)
    {
        var (name, reason) = (Name(), Reason());
        var command = new Command(word, isDisabled ? "Let an operator do nothing for a while." : "Let a disabled operator in again.") { name, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, async call =>
        {
            var request = new SetOperatorDisabledRequest
            {
                Name = call.Parsed.GetValue(name)!,
                Disabled = isDisabled,
                Reason = call.Reason(call.Parsed.GetValue(reason), $"operator {word}"),
            };
            var account = (await GuardedCall.RunAsync(
                call, guard.Of(call.Parsed), null, () => call.Short,
                async options => await call.ControlPlane.Access.SetOperatorDisabledAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false)).Account;
            if (call.Json)
                Json.Write(call.Out, OperatorJson.Of(account), shapes => shapes.OperatorJson);
            else
                call.Out.WriteLine(isDisabled ? Speech.Of($"{account.Name}: disabled") : Speech.Of($"{account.Name}: enabled"));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateRemove(CommandRunner runner)
    {
        var (name, reason) = (Name(), Reason());
        var command = new Command("remove", "Let an operator in no more.") { name, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, async call =>
        {
            var request = new RemoveOperatorRequest
            {
                Name = call.Parsed.GetValue(name)!,
                Reason = call.Reason(call.Parsed.GetValue(reason), "operator remove"),
            };
            _ = await GuardedCall.RunAsync(
                call, guard.Of(call.Parsed), null, () => call.Short,
                async options => await call.ControlPlane.Access.RemoveOperatorAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false);
            if (!call.Json)
                call.Out.Tell($"{request.Name}: removed");
            return ExitCode.Done;
        });
        return command;
    }

    private static string Describe(OperatorAccount account) =>
        account.Groups.Count == 0 ? Speech.Of($"{OperatorJson.RoleOf(account)} of all groups")
            : Speech.Of($"{OperatorJson.RoleOf(account)} of {string.Join(", ", account.Groups)}");

    private static bool TryParseDays(string text, out TimeSpan time)
    {
        if (!text.EndsWith('d'))
            return DurationText.TryParse(text, out time);
        var isNumber = int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days <= 100_000;
        time = isNumber ? TimeSpan.FromDays(days) : TimeSpan.Zero;
        return isNumber;
    }

    private static Argument<string> Name() => new("NAME") { Description = "the operator" };

    private static Option<string?> Reason() => new("--reason") { Description = "kept in the history", HelpName = "TEXT" };
}
