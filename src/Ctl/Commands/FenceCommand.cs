using System.CommandLine;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl fence HOST</c>: has a host switched off, or says that it is off, so that others take at once what it owned.</summary>
internal static class FenceCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var host = new Argument<string>("HOST") { Description = "the host" };
        var reason = new Option<string?>("--reason") { Description = "kept in the history", HelpName = "TEXT" };
        var confirm = new Option<bool>("--confirm-off") { Description = "I have seen that it is off: ask no device" };
        var dryRun = new Option<bool>("--dry-run") { Description = "only say what the host owns and how it would be switched off" };
        var guard = new GuardOptions();
        var command = new Command("fence", "Switch a host off by its fence device, and let others take what it owns.")
        {
            host, reason, confirm, dryRun,
        };
        guard.AddTo(command);
        runner.Attach(command, call => RunAsync(
            call,
            new()
            {
                Host = call.Parsed.GetRequiredValue(host),
                Reason = call.Reason(call.Parsed.GetValue(reason), "fence"),
                ConfirmOff = call.Parsed.GetValue(confirm),
                DryRun = call.Parsed.GetValue(dryRun),
            },
            guard.Of(call.Parsed)));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, FenceRequest request, GuardChoice choice)
    {
        if (choice.Yes is { } yes && yes != request.Host)
            throw new UsageException($"--yes {yes}: must be the host again, {request.Host}");
        var look = request.Clone();
        look.DryRun = true;
        var now = await call.ControlPlane.Admin.FenceAsync(look, call.Short).ConfigureAwait(false);
        if (request.DryRun && call.Json)
            Json.Write(call.Out, FenceJson.Of(request, now), shapes => shapes.FenceJson);
        else
            Show(call.Json ? call.Surroundings.Error : call.Out, request, now);
        var cannot = !request.ConfirmOff && (now.Device.Length == 0 || now.DeviceProblem.Length > 0);
        if (request.DryRun)
            return cannot ? ExitCode.Refused : ExitCode.Done;
        if (!cannot && choice.Yes is null)
        {
            if (await GuardedCall.SummaryAsync(call, new() { Fence = request }).ConfigureAwait(false) is { Length: > 0 } hits)
                (call.Json ? call.Surroundings.Error : call.Out).Tell($"It hits {hits}.");
            Ask(call.Surroundings, request.Host);
        }
        // The host's name has been said again: what the control plane wants to have confirmed is confirmed by it.
        var done = await GuardedCall.RunAsync(
            call, choice with { IsConfirmed = true }, new() { Fence = request }, () => call.Patient,
            async options => await call.ControlPlane.Admin.FenceAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false);
        if (call.Json)
            Json.Write(call.Out, FenceJson.Of(request, done), shapes => shapes.FenceJson);
        else
            Print(call.Out, request.Host, done);
        return done.Groups.All(g => g.Detail.Length == 0) ? ExitCode.Done : ExitCode.Refused;
    }

    /// <summary>What hangs on the host.</summary>
    private static void Show(TextWriter output, FenceRequest request, FenceResponse now)
    {
        var host = request.Host;
        output.WriteLine(now.Groups.Count == 0 ? Speech.Of($"{host} owns nothing.") : Speech.Of($"{host} owns:"));
        foreach (var group in now.Groups)
        {
            output.Tell($"  {group.Group} (epoch {group.Epoch}): VIPs {Listed(group.Vips)}; programs {Listed(group.Programs)}; could be taken over by {Listed(group.Candidates)}");
        }
        output.WriteLine(now.LastHeartbeatAge is null ? Speech.Of($"{host} has not been heard.")
            : now.IsHeard ? Speech.Of($"{host} is heard: its last heartbeat came {Times.Short(now.LastHeartbeatAge)} ago.")
            : Speech.Of($"{host} has been silent for {Times.Short(now.LastHeartbeatAge)}."));
        if (request.ConfirmOff)
        {
            output.Tell($"No device is asked: you say that {host} is off. If it is not, it goes on beside the new owners until its leases "
                + "end, with the same addresses and the same programs.");
        }
        else
        {
            output.WriteLine(now.Device.Length == 0 ? Speech.Of($"{host} has no fence device.")
                : now.DeviceProblem.Length > 0 ? Speech.Of($"It cannot be switched off by {now.Device}: {now.DeviceProblem}")
                : Speech.Of($"It is switched off by {now.Device}."));
        }
    }

    /// <exception cref="UsageException">There is nobody to ask, or the answer is another one.</exception>
    private static void Ask(Surroundings surroundings, string host)
    {
        if (!surroundings.IsAnswering)
            throw new UsageException($"fence must be confirmed: --yes {host}");
        if (surroundings.Ask(Speech.Of("Type the name of the host to go on: "))?.Trim() != host)
            throw new UsageException($"not confirmed: nothing was done to {host}");
    }

    private static void Print(TextWriter output, string host, FenceResponse done)
    {
        if (done.Groups.Count == 0)
            output.Tell($"{host}: confirmed off; it owned nothing");
        foreach (var group in done.Groups.OrderBy(g => g.Group, StringComparer.Ordinal))
        {
            output.WriteLine(group.Detail.Length == 0
                ? Speech.Of($"{group.Group}: taken over by {group.Owner}, epoch {group.Epoch}, took {Times.Short(group.Took)}")
                : Speech.Of($"{group.Group}: {host} is confirmed off, and nobody has taken it over: {group.Detail}"));
        }
    }

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } all ? all : Speech.Of("none");
}
