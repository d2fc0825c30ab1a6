using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Core.Access;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl lock</c>, <c>unlock</c> and <c>locks</c>: groups that shall not move by themselves for a while, whoever dies.</summary>
internal static class LockCommand
{
    private const int MostHeld = 1000;

    internal static Command Create(CommandRunner runner)
    {
        var what = new What();
        var reason = Reason();
        var duration = new Option<TimeSpan?>("--for")
        {
            Description = "when it ends by itself: 30m, 2h, 1h30m; else never",
            HelpName = "TIME",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (DurationText.TryParse(text, out var time) && time >= TimeSpan.FromSeconds(1) && time <= TimeSpan.FromDays(366))
                    return time;
                result.AddError(Speech.Of($"--for {text}: must be a time with units from 1s to 8784h, such as 30m or 2h"));
                return null;
            },
        };
        var command = new Command("lock", "Keep a group, a host or everything from moving by itself.") { what.Group, what.Host, what.All, duration, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, async call =>
        {
            var request = new LockRequest
            {
                Target = what.Of(call.Parsed),
                Reason = call.Reason(call.Parsed.GetValue(reason), "lock"),
                Duration = call.Parsed.GetValue(duration)?.ToDuration(),
            };
            var made = (await GuardedCall.RunAsync(
                call, guard.Of(call.Parsed), null, () => call.Short,
                async options => await call.ControlPlane.Admin.LockAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false)).Lock;
            if (call.Json)
                Json.Write(call.Out, LockJson.Of(made), shapes => shapes.LockJson);
            else
                call.Out.Tell($"{LockLines.Target(made.Target)}: locked by {ActorName.Shown(made.LockedBy)}{LockLines.Until(made, call.Surroundings.Time)}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>hactl unlock</c>: and what would have been done without the lock.</summary>
    internal static Command CreateUnlock(CommandRunner runner)
    {
        var what = new What();
        var reason = Reason();
        var force = new Option<bool>("--force") { Description = "also when somebody else has locked it" };
        var command = new Command("unlock", "Let move again what was locked, and tell what was held.") { what.Group, what.Host, what.All, force, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, async call =>
        {
            var request = new UnlockRequest
            {
                Target = what.Of(call.Parsed),
                Reason = call.Reason(call.Parsed.GetValue(reason), "unlock"),
                Force = call.Parsed.GetValue(force),
            };
            var ended = (await GuardedCall.RunAsync(
                call, guard.Of(call.Parsed), new() { Unlock = request }, () => call.Short,
                async options => await call.ControlPlane.Admin.UnlockAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false)).Lock;
            var held = ended is null ? [] : await HeldAsync(call, ended).ConfigureAwait(false);
            if (call.Json)
                Json.Write(call.Out, UnlockedJson.Of(ended, held), shapes => shapes.UnlockedJson);
            else
                Print(call, request.Target, ended, held);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>hactl locks</c>.</summary>
    internal static Command CreateList(CommandRunner runner)
    {
        var command = new Command("locks", "Show what is locked, by whom and until when.");
        runner.Attach(command, async call =>
        {
            var locks = (await call.ControlPlane.Admin.ListLocksAsync(new(), call.Short).ConfigureAwait(false)).Locks;
            if (call.Json)
            {
                Json.Write(call.Out, LocksJson.Of(locks), shapes => shapes.LocksJson);
                return ExitCode.Done;
            }
            var table = new Table("LOCKED", "BY", "SINCE", "UNTIL", "REASON");
            foreach (var item in locks)
            {
                table.Add(
                    LockLines.Target(item.Target),
                    ActorName.Shown(item.LockedBy),
                    Times.Full(item.LockedAt, call.Surroundings.Time)[..19],
                    item.ExpiresAt is null ? "unlocked" : Times.Full(item.ExpiresAt, call.Surroundings.Time)[..19],
                    item.Reason);
            }
            table.Print(call.Out);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(CommandRunner.Call call, LockTarget target, OperatorLock? ended, IReadOnlyList<Event> held)
    {
        if (ended is null)
        {
            call.Out.Tell($"{LockLines.Target(target)}: was not locked");
            return;
        }
        call.Out.Tell($"{LockLines.Target(target)}: may move again");
        if (held.Count > 0)
            call.Out.Tell("Held meanwhile:");
        foreach (var item in held)
            EventLines.Print(item, call.Out, call.Surroundings.Time);
    }

    /// <summary>What the lock has held, of its group, or of all groups when it was about more.</summary>
    private static async Task<IReadOnlyList<Event>> HeldAsync(CommandRunner.Call call, OperatorLock ended)
    {
        var filter = new EventFilter
        {
            Group = ended.Target.Scope == LockScope.Group ? ended.Target.Name : "",
            Kinds = { "MoveHeld" },
            AllowUnknownKinds = true,
            Since = ended.LockedAt,
        };
        var request = new ListEventsRequest { Filter = filter, Limit = MostHeld };
        return (await call.ControlPlane.Admin.ListEventsAsync(request, call.Short).ConfigureAwait(false)).Events;
    }

    private static Option<string?> Reason() => new("--reason") { Description = "kept in the history", HelpName = "TEXT" };

    /// <summary>What is meant: exactly one of them.</summary>
    private sealed class What
    {
        internal Argument<string?> Group { get; } = new("GROUP") { Description = "the group", Arity = ArgumentArity.ZeroOrOne };

        internal Option<string?> Host { get; } = new("--host") { Description = "every group that this host is a member of", HelpName = "HOST" };

        internal Option<bool> All { get; } = new("--all") { Description = "every group, also those that come later" };

        /// <exception cref="UsageException">None is given, or more than one.</exception>
        internal LockTarget Of(ParseResult parsed)
        {
            var (group, host, all) = (parsed.GetValue(Group), parsed.GetValue(Host), parsed.GetValue(All));
            if ((group is null ? 0 : 1) + (host is null ? 0 : 1) + (all ? 1 : 0) != 1)
                throw new UsageException("exactly one of GROUP, --host HOST and --all must be given");
            return (group, host) switch
            {
                ({ } name, _) => new() { Scope = LockScope.Group, Name = name },
                (_, { } name) => new() { Scope = LockScope.Host, Name = name },
                _ => new() { Scope = LockScope.Everything },
            };
        }
    }
}
