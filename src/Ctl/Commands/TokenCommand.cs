using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Core.Access;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl token</c>: which hosts may join.</summary>
internal static class TokenCommand
{
    internal static Command Create(CommandRunner runner) => new("token", "Let hosts join: each gets its certificate for a token.")
    {
        CreateCreate(runner), CreateList(runner), CreateRevoke(runner),
    };

    private static Command CreateCreate(CommandRunner runner)
    {
        var reason = Reason();
        var host = new Option<string>("--host") { Description = "the host that it is for", HelpName = "NAME", Required = true };
        var ttl = new Option<TimeSpan?>("--ttl")
        {
            Description = "good for so long, and once (1h)",
            HelpName = "TIME",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (DurationText.TryParse(text, out var time) && time >= TimeSpan.FromMinutes(1) && time <= TimeSpan.FromDays(30))
                    return time;
                result.AddError(Speech.Of($"--ttl {text}: must be a time from 1m to 720h, such as 1h or 30m"));
                return null;
            },
        };
        var command = new Command("create", "Print the command by which a host joins.") { host, ttl, reason };
        runner.Attach(command, async call =>
        {
            var request = new CreateJoinTokenRequest
            {
                Host = call.Parsed.GetRequiredValue(host),
                Ttl = call.Parsed.GetValue(ttl)?.ToDuration(),
                Reason = call.Reason(call.Parsed.GetValue(reason), "token create"),
            };
            var made = await call.ControlPlane.Identity.CreateJoinTokenAsync(request, call.Short).ConfigureAwait(false);
            var line = $"ha-agent join --control-plane {made.ControlPlane} --host {made.Created.Host} --token {made.Token}";
            if (call.Json)
            {
                Json.Write(call.Out, new CreatedTokenJson(TokenJson.Of(made.Created), made.Token, line, made.Warning), shapes => shapes.CreatedTokenJson);
                return ExitCode.Done;
            }
            // The command alone on standard output, so that it can go on to ssh.
            call.Say(made.Warning);
            call.Surroundings.Error.Tell(
                $"Run this on {made.Created.Host} until {Times.Full(made.Created.ExpiresAt, call.Surroundings.Time)[..19]}; the token is good once, and not shown again:");
            call.Out.WriteLine(line);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateList(CommandRunner runner)
    {
        var command = new Command("list", "Show the tokens, and what became of them.");
        runner.Attach(command, async call =>
        {
            var tokens = (await call.ControlPlane.Identity.ListJoinTokensAsync(new(), call.Short).ConfigureAwait(false)).Tokens;
            if (call.Json)
            {
                Json.Write(call.Out, new TokensJson([.. tokens.Select(TokenJson.Of)]), shapes => shapes.TokensJson);
                return ExitCode.Done;
            }
            var table = new Table("ID", "HOST", "STATE", "UNTIL", "CREATED BY", "DETAIL");
            foreach (var token in tokens)
            {
                var detail = token.UsedAt is { } used ? Speech.Of($"used {Times.Full(used, call.Surroundings.Time)[..19]} from {token.UsedFrom}")
                    : token.RevokedAt is { } revoked ? Speech.Of($"revoked {Times.Full(revoked, call.Surroundings.Time)[..19]} by {ActorName.Shown(token.RevokedBy)}")
                    : "";
                table.Add(token.Id, token.Host, token.State, Times.Full(token.ExpiresAt, call.Surroundings.Time)[..19], ActorName.Shown(token.CreatedBy), detail);
            }
            table.Print(call.Out);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateRevoke(CommandRunner runner)
    {
        var reason = Reason();
        var id = new Argument<string>("ID") { Description = "what the token begins with (hactl token list)" };
        var command = new Command("revoke", "Make an unused token void.") { id, reason };
        runner.Attach(command, async call =>
        {
            var request = new RevokeJoinTokenRequest { Id = call.Parsed.GetValue(id)!, Reason = call.Reason(call.Parsed.GetValue(reason), "token revoke") };
            await call.ControlPlane.Identity.RevokeJoinTokenAsync(request, call.Short).ConfigureAwait(false);
            if (!call.Json)
                call.Out.Tell($"{request.Id}: revoked");
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<string?> Reason() => new("--reason") { Description = "kept in the history", HelpName = "TEXT" };
}
