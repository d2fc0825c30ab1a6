using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Agent.Hooks;
using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Hooks;
using HaGrpc.Core.Model;
using HaGrpc.Core.Vips;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Vips;

/// <summary>
/// Runs the scripts of VIPs as hooks are run: on their thread, each under a shim of its own that kills it when it takes too long or the
/// lease ends, also when this agent is dead. Every method may be called from any thread.
/// </summary>
/// <param name="host">This host's name.</param>
/// <param name="hooks">Whose thread it is.</param>
/// <param name="outbox">Takes events for the history.</param>
/// <param name="logger">The log.</param>
internal sealed class VipScripts(string host, HookHost hooks, Outbox outbox, ILogger logger)
{
    private readonly Dictionary<(string Group, Vip Vip), Line> _lines = [];

    /// <summary>This host acts as owner, or goes on under another epoch or configuration.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="vips">Those of its VIPs that have a script; others that had one are released.</param>
    /// <param name="perhapsClaimed">True: they are checked before they are claimed.</param>
    /// <param name="tried">Called once on the hooks' thread, when the first claim of each is over, however it ended; must not block.</param>
    public void Take(string group, long epoch, ImmutableArray<Vip> vips, bool perhapsClaimed, Action tried) => hooks.Thread.Post(() =>
    {
        foreach (var gone in LinesOf(group).Where(l => !vips.Contains(l.Vip)))
        {
            gone.IsGone = true;
            (gone.Tried, gone.Released) = (null, null);
            // A release beside the claim of the same address by another script would undo it.
            if (vips.Any(v => v.BareAddress == gone.Vip.BareAddress))
                Do(gone, gone.Core.End);
            else
                Do(gone, effects => gone.Core.Give(VipScript.ClaimTimeout, effects));
        }
        var missing = vips.ToHashSet();
        foreach (var vip in vips)
        {
            if (!_lines.TryGetValue((group, vip), out var line))
                _lines[(group, vip)] = line = new Line(group, vip);
            (line.Epoch, line.IsGone) = (epoch, false);
            line.Tried = () =>
            {
                if (missing.Remove(vip) && missing.Count == 0)
                    tried();
            };
            Do(line, effects => line.Core.Take(perhapsClaimed, effects));
        }
    });

    /// <summary>This host is about to give the group up.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="timeout">How long each script may take.</param>
    /// <param name="tried">Called once on the hooks' thread, when all are over, however they ended; must not block.</param>
    public void Give(string group, TimeSpan timeout, Action tried) => hooks.Thread.Post(() =>
    {
        var lines = LinesOf(group);
        int missing = lines.Length;
        if (missing == 0)
            tried();
        foreach (var line in lines)
        {
            line.Released = () =>
            {
                if (--missing == 0)
                    tried();
            };
            Do(line, effects => line.Core.Give(timeout, effects));
        }
    });

    /// <summary>The lease is over; the deadline file says 0.</summary>
    public void End(string group) => hooks.Thread.Post(() =>
    {
        foreach (var line in LinesOf(group))
        {
            line.Run?.TellDeadline();
            (line.Tried, line.Released) = (null, null);
            Do(line, line.Core.End);
        }
    });

    /// <summary>A group's deadline file says another end now.</summary>
    public void DeadlineChanged(string group) => hooks.Thread.Post(() =>
    {
        foreach (var line in LinesOf(group))
            line.Run?.TellDeadline();
    });

    /// <summary>C8: what is run from now on is told another epoch.</summary>
    public void Raise(string group, long epoch) => hooks.Thread.Post(() =>
    {
        foreach (var line in LinesOf(group))
            line.Epoch = epoch;
    });

    private Line[] LinesOf(string group) => [.. _lines.Values.Where(l => l.Group == group)];

    private void Do(Line line, Action<List<ScriptEffect>> decide)
    {
        var effects = new List<ScriptEffect>();
        decide(effects);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case RunScript run:
                    line.Run = HookRun.Start(hooks.Thread, hooks.Options, Turn(line, run), outcome => Ended(line, run.Verb, outcome));
                    break;
                case CutScript cut:
                    line.Run?.Cut(cut.Why);
                    break;
                case ClaimTried:
                    var tried = line.Tried;
                    line.Tried = null;
                    tried?.Invoke();
                    break;
                case ReleaseTried:
                    var released = line.Released;
                    line.Released = null;
                    released?.Invoke();
                    break;
                case TellScript tell:
                    VipScriptLog.Happened(logger, tell.Kind, line.Group, line.Epoch, tell.Words);
                    outbox.PostEvent(tell.Kind, line.Group, line.Epoch, tell.Words);
                    break;
                default:
                    throw new InvalidOperationException($"unknown effect {effect}");
            }
        }
        outbox.Troubles.Set(line.Group, $"VIP {line.Vip.BareAddress}", line.Core.Trouble);
        line.Wake?.Cancel();
        if (line.IsGone && line.Run is null)
            _ = _lines.Remove((line.Group, line.Vip));
        if (line.Core.NextWake != BootInstant.Never)
            line.Wake = hooks.Thread.At(line.Core.NextWake.Nanoseconds, () => Do(line, e => line.Core.TimePassed(Now, e)));
    }

    private void Ended(Line line, ScriptVerb verb, HookOutcome outcome)
    {
        line.Run = null;
        var took = outcome.Took.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
        var words = $"{line.Vip.Script} {Word(verb)} {line.Vip.BareAddress} {line.Vip.Interface}: {outcome.Detail}, after {took} s";
        if (outcome.Output.Length > 0)
            words = $"{words}; it wrote: {outcome.Output}";
        Do(line, effects => line.Core.Ended(outcome.Result == HookResult.Succeeded, words, Now, effects));
    }

    private HookTurn Turn(Line line, RunScript run)
    {
        var hook = new Hook(
            $"vip-{Word(run.Verb)}",
            [],
            HookPhase.Before,
            [line.Vip.Script, Word(run.Verb), line.Vip.BareAddress, line.Vip.Interface],
            run.Timeout,
            "",
            HookStyle.Plain);
        var of = run.Verb == ScriptVerb.Release ? HookEvent.Demote : HookEvent.Promote;
        var facts = new HookFacts(host, line.Group, line.Epoch, 0, "");
        return new(new(HookOccasion.Taking, facts, []), new(hook, of, "owner", NeedsLease: true));
    }

    private static BootInstant Now => new(BootClock.Nanoseconds);

    private static string Word(ScriptVerb verb) => verb switch
    {
        ScriptVerb.Claim => "claim",
        ScriptVerb.Release => "release",
        _ => "check",
    };

    /// <summary>One VIP.</summary>
    private sealed class Line(string group, Vip vip)
    {
        public string Group => group;

        public Vip Vip => vip;

        public VipScript Core { get; } = new();

        public long Epoch { get; set; }

        /// <summary>True when the group has this VIP no more.</summary>
        public bool IsGone { get; set; }

        public HookRun? Run { get; set; }

        public Action? Tried { get; set; }

        public Action? Released { get; set; }

        public EventThread.Timer? Wake { get; set; }
    }
}
