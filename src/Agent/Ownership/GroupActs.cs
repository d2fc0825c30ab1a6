using System.Collections.Immutable;
using System.ComponentModel;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Ownership;

/// <summary>
/// What an owner does and undoes: deadline file, guard, gate, addresses, announcement, routes, programs. Only on the
/// ownership loop's thread. The lease is checked before each act (rule L7) and the clock is read after each write (W4).
/// </summary>
internal sealed class GroupActs(
    AgentOptions options,
    Guid bootId,
    HostNetwork network,
    ProgramHost programs,
    GuardShim guards,
    Outbox outbox,
    OwnershipLoop loop,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private const int WriteAttempts = 2;
    private static readonly TimeSpan ShutAgain = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, Group> _configured = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeadlineFile> _deadlines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Timeline> _timelines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Promotion> _promotions = new(StringComparer.Ordinal);

    // What an owner could not do yet: tried again with every renewal, so that one late write costs no more than that.
    private readonly Dictionary<string, Action> _unfinished = new(StringComparer.Ordinal);

    // Groups that were shut while owned: when they open again, neighbours have to be told and routes are gone.
    private readonly HashSet<string> _silenced = new(StringComparer.Ordinal);

    /// <summary>Takes over changed groups; an owner changes its addresses at once.</summary>
    public void Configure(ImmutableArray<Group> groups)
    {
        var before = new Dictionary<string, Group>(_configured, StringComparer.Ordinal);
        foreach (var group in groups)
            _configured[group.Name] = group;
        Say("gate", network.Prepare([.. groups.SelectMany(g => g.Vips)], [.. OpenVips()]));
        if (!network.GateAvailable && Changed("no gate", network.GateReason))
            OwnershipLog.NoGate(logger, network.GateReason);
        foreach (var group in groups.Where(g => before.ContainsKey(g.Name) && loop.RoleOf(g.Name) == OwnerRole.Owner))
            Adjust(before[group.Name], group);
        foreach (var group in groups.Where(g => loop.RoleOf(g.Name) == OwnerRole.Owner))
            Finish(group.Name);
    }

    /// <summary>A promotion has come: the claim's timeline begins here.</summary>
    public void NotePromotion(string group, long epoch)
    {
        if (!_promotions.TryGetValue(group, out var known) || known.Epoch < epoch)
            _promotions[group] = new(epoch, OwnershipLoop.Now, OwnershipLoop.Now);
    }

    /// <summary>The acceptance of a promotion is on disk.</summary>
    public void NoteAccepted(string group, long epoch)
    {
        if (_promotions.TryGetValue(group, out var promotion) && promotion.Epoch == epoch)
            _promotions[group] = promotion with { AcceptedAt = OwnershipLoop.Now };
    }

    /// <summary>W1: what the deadline files of an earlier agent say.</summary>
    public ImmutableArray<RecordedDeadline> ReadDeadlines(IEnumerable<string> groups) =>
        [.. groups.Select(g => new RecordedDeadline(g, FileOf(g).Epoch, new BootInstant(FileOf(g).Until)))];

    /// <summary>W1: in an order in which every prefix is safe.</summary>
    public void WriteDeadline(WriteDeadline write)
    {
        var file = FileOf(write.Group);
        if (file.Epoch != write.Epoch)
            (file.Until, file.Epoch) = (0, write.Epoch);
        var shorter = write.Until.Nanoseconds < file.Until;
        file.ViewVersion = write.View.Version;
        file.Length = write.View.Length is { } length ? length.Ticks * 100 : long.MaxValue;
        file.Until = write.Until.Nanoseconds;
        if (!shorter)
            return;
        // Shims and guard sleep for the end that they have read: an earlier one has to be told.
        programs.DeadlineChanged(write.Group);
        if (loop.RoleOf(write.Group) == OwnerRole.Owner && _configured.TryGetValue(write.Group, out var group))
            StartGuard(group);
    }

    /// <summary>C7: guard, gate, addresses, announcement, routes, programs.</summary>
    public void Claim(Claim claim)
    {
        var timeline = new Timeline(OwnershipLoop.Now);
        if (_promotions.Remove(claim.Group, out var promotion) && promotion.Epoch == claim.Epoch)
        {
            timeline = new Timeline(promotion.At);
            timeline.Add("accept", promotion.At, "", promotion.AcceptedAt - promotion.At);
            timeline.Add("lease", promotion.AcceptedAt, "");
        }
        Act(claim.Group, claim.Epoch, claim.Until, "OwnershipTaken", claim.Reason, timeline);
    }

    /// <summary>S1: restore what is missing, interrupt nothing.</summary>
    public void Resume(ResumeOwnership resume)
    {
        // A lease without end (rule L6) outlives the boot, its deadline file does not.
        var file = FileOf(resume.Group);
        if (file.Epoch != resume.Epoch)
            (file.Until, file.Epoch) = (0, resume.Epoch);
        file.Until = resume.Until.Nanoseconds;
        var timeline = new Timeline(OwnershipLoop.Now);
        Act(resume.Group, resume.Epoch, resume.Until, "OwnershipResumed", "the agent was restarted", timeline);
    }

    /// <summary>W3, W5.</summary>
    public void Extend(ExtendLease extend)
    {
        if (!_configured.TryGetValue(extend.Group, out var group))
            return;
        if (_unfinished.ContainsKey(extend.Group))
            Finish(extend.Group);
        else if (Open(group, extend.Epoch, null) && _silenced.Contains(extend.Group))
            Speak(group, extend.Epoch);
    }

    /// <summary>Shuts the gate and removes the addresses.</summary>
    public void Shut(string group)
    {
        _ = TryShut(group);
    }

    /// <summary>C9: in reverse order, politely, under the lease.</summary>
    public void StopPrograms(StopPrograms stop)
    {
        var timeline = _timelines[stop.Group] = new Timeline(OwnershipLoop.Now);
        OwnershipLog.Releasing(logger, stop.Group, stop.Epoch, stop.Reason);
        Then(programs.DeactivateAsync(stop.Group, graceful: true), () =>
        {
            timeline.Add("stop programs", timeline.Begin, "");
            loop.Post(new ProgramsStopped(stop.Group, stop.Epoch));
        });
    }

    /// <summary>W7: deadline to 0; gate, addresses and routes; programs.</summary>
    public void End(EndEpoch end)
    {
        if (!_timelines.TryGetValue(end.Group, out var timeline))
            timeline = _timelines[end.Group] = new Timeline(OwnershipLoop.Now);
        OwnershipLog.Ending(logger, end.Group, end.Epoch, end.Reason);
        FileOf(end.Group).Until = 0;
        _ = _unfinished.Remove(end.Group);
        var began = OwnershipLoop.Now;
        var shut = TryShut(end.Group);
        timeline.Add("shut", began, shut ? "" : "tried again");
        _ = _silenced.Remove(end.Group);
        if (_configured.TryGetValue(end.Group, out var group))
            Say(group.Name + " routes", network.RemoveRoutes(group.Routes));
        programs.DeadlineChanged(end.Group);
        began = OwnershipLoop.Now;
        Then(programs.DeactivateAsync(end.Group, graceful: false), () =>
        {
            timeline.Add("kill programs", began, "");
            guards.Stop(end.Group);
            EndWhenShut(end, shut);
        });
    }

    /// <summary>S2: programs of a group that this host does not own any more.</summary>
    public void KillLeftovers(string group) =>
        Then(programs.DeactivateAsync(group, graceful: false), () => OwnershipLog.LeftoversKilled(logger, group));

    /// <summary>S2: addresses, routes and gate elements of ours that no live lease stands for.</summary>
    public void RemoveLeftovers(IEnumerable<Group> owned)
    {
        var keep = owned.ToArray();
        Say("leftovers", network.RemoveLeftovers([.. keep.SelectMany(g => g.Vips)], [.. keep.SelectMany(g => g.Routes)]));
    }

    /// <summary>The steps of the last end of an epoch.</summary>
    public IReadOnlyList<Step> TakeSteps(string group) =>
        _timelines.Remove(group, out var timeline) ? timeline.Steps : [];

    /// <summary>W3, W5: what somebody else took away comes back while the lease holds, and the history says so.</summary>
    public void OnDisturbed(Disturbance disturbance, BootInstant now)
    {
        switch (disturbance.Kind)
        {
            case DisturbanceKind.GateChanged:
                Say("gate", network.Prepare([.. _configured.Values.SelectMany(g => g.Vips)], [.. OpenVips()]));
                if (OwnershipLoop.Now - now > TimeSpan.FromMilliseconds(20))
                    OwnershipLog.SlowRestore(logger, (OwnershipLoop.Now - now).TotalMilliseconds);
                Record("GateRestored", "", 0, disturbance.Detail);
                break;
            case DisturbanceKind.AddressRemoved or DisturbanceKind.AddressChanged when OwnerOf(disturbance.Vip) is { } group:
                var epoch = FileOf(group.Name).Epoch;
                if (!Open(group, epoch, null))
                    return;
                Speak(group, epoch);
                Record("VipRestored", group.Name, epoch, disturbance.Detail);
                break;
            case DisturbanceKind.AddressRemoved or DisturbanceKind.AddressChanged:
                break;
            default:
                Record(disturbance.Kind.ToString(), OwnerOf(disturbance.Vip)?.Name ?? "", 0, disturbance.Detail);
                break;
        }
    }

    /// <summary>Closes the deadline files; their contents stay.</summary>
    public void Dispose()
    {
        foreach (var file in _deadlines.Values)
            file.Dispose();
    }

    private DeadlineFile FileOf(string group)
    {
        if (_deadlines.TryGetValue(group, out var file))
            return file;
        var directory = Path.Combine(options.RunDirectory, "groups", group);
        Directory.CreateDirectory(directory);
        return _deadlines[group] = DeadlineFile.OpenOrCreate(Path.Combine(directory, "deadline"), bootId);
    }

    private Group? OwnerOf(Vip? vip) => vip is null
        ? null
        : _configured.Values.FirstOrDefault(
            g => g.Vips.Any(v => v.Address == vip.Address) && loop.MayAct(g.Name, FileOf(g.Name).Epoch));

    private IEnumerable<OpenVip> OpenVips()
    {
        foreach (var group in _configured.Values)
        {
            var file = FileOf(group.Name);
            if (!loop.MayAct(group.Name, file.Epoch))
                continue;
            var left = new BootInstant(file.Until) - OwnershipLoop.Now;
            foreach (var vip in group.Vips)
                yield return new OpenVip(vip, left);
        }
    }

    /// <summary>W7: an epoch whose gate or address could not be taken away is not over.</summary>
    private void EndWhenShut(EndEpoch end, bool shut)
    {
        if (shut || TryShut(end.Group))
        {
            loop.Post(new EpochActsEnded(end.Group, end.Epoch));
            return;
        }
        Then(Task.Delay(ShutAgain, time), () => EndWhenShut(end, shut: false));
    }

    private bool TryShut(string group)
    {
        if (!_configured.TryGetValue(group, out var configured))
            return true;
        _silenced.Add(group);
        var outcome = network.Shut(configured.Vips);
        Say(group + " shut", outcome);
        return outcome.Succeeded;
    }

    /// <summary>Begins to act as owner, or remembers to try again.</summary>
    private void Act(string name, long epoch, BootInstant until, string kind, string reason, Timeline timeline)
    {
        _unfinished[name] = () =>
        {
            var group = _configured[name];
            if (until != BootInstant.Never && group.Vips.Length > 0)
                timeline.Take("guard", () => StartGuard(group));
            if (!Open(group, epoch, timeline))
                return;
            _ = _unfinished.Remove(name);
            Speak(group, epoch, timeline);
            RunPrograms(group, epoch, until, kind, reason, timeline);
        };
        Finish(name);
    }

    private void Finish(string group)
    {
        if (_configured.ContainsKey(group) && _unfinished.TryGetValue(group, out var act))
            act();
    }

    /// <summary>Tells the neighbours, and sets the routes, which went with the addresses.</summary>
    private void Speak(Group group, long epoch, Timeline? timeline = null)
    {
        _ = _silenced.Remove(group.Name);
        if (group.Vips.Length > 0)
        {
            var from = OwnershipLoop.Now;
            Announce(group, epoch);
            timeline?.Add("announce", from, "");
        }
        if (group.Routes.Length > 0 && loop.MayAct(group.Name, epoch))
        {
            var from = OwnershipLoop.Now;
            var outcome = network.AddRoutes(group.Routes);
            Say(group.Name + " routes", outcome);
            timeline?.Add("routes", from, outcome.ToString());
        }
    }

    /// <summary>L7 before each write, W4 after it. False when the lease does not hold or writes came late.</summary>
    private bool Open(Group group, long epoch, Timeline? timeline)
    {
        if (group.Vips.Length == 0)
            return loop.MayAct(group.Name, epoch);
        return Write(group, epoch, "gate", timeline, left => network.RenewGate(group.Vips, left))
            && Write(group, epoch, "address", timeline, left => network.RenewAddresses(group.Vips, left));
    }

    /// <summary>
    /// A timeout in the kernel is relative: it ends as much after the lease as the write was late. Writing again with what is
    /// left now replaces it; when that is late too, or the lease is over, the group is shut.
    /// </summary>
    private bool Write(Group group, long epoch, string what, Timeline? timeline, Func<TimeSpan, NetworkOutcome> write)
    {
        var took = TimeSpan.Zero;
        for (var attempt = 0; attempt < WriteAttempts; attempt++)
        {
            var before = OwnershipLoop.Now;
            if (!loop.MayAct(group.Name, epoch))
                break;
            var outcome = write(new BootInstant(FileOf(group.Name).Until) - before);
            took = OwnershipLoop.Now - before;
            timeline?.Add(what, before, outcome.ToString());
            Say($"{group.Name} {what}", outcome);
            if (took <= group.Timing.TakeoverMargin / 4 && loop.MayAct(group.Name, epoch))
                return true;
        }
        // Never opened and over already: there is nothing to undo, and EndEpoch is on its way.
        if (took > TimeSpan.Zero)
        {
            Shut(group.Name);
            Record("LateWriteUndone", group.Name, epoch, $"writing the {what} took {took.TotalMilliseconds:F0} ms; the next renewal tries again");
        }
        return false;
    }

    private void StartGuard(Group group)
    {
        try
        {
            guards.Start(group.Name, group.Vips);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            OwnershipLog.NoGuard(logger, group.Name, e.Message);
        }
    }

    private void Announce(Group group, long epoch)
    {
        var file = FileOf(group.Name);
        Say(group.Name + " announce", network.Announce(group.Vips, () => MayAct(file, epoch)));
    }

    private void RunPrograms(
        Group group, long epoch, BootInstant until, string kind, string reason, Timeline timeline)
    {
        var file = FileOf(group.Name);
        programs.Activate(
            group.Name,
            epoch,
            () => MayAct(file, epoch),
            step => loop.Enqueue(() => timeline.Add(step.Name, step.Begin, step.Error, step.Duration)),
            () => loop.Enqueue(() => Record(kind, group.Name, epoch, reason, timeline.Steps)),
            leased: until != BootInstant.Never);
    }

    /// <summary>L7 for other threads: the deadline file says it.</summary>
    private static bool MayAct(DeadlineFile file, long epoch) =>
        file.Epoch == epoch && OwnershipLoop.Now.Nanoseconds < file.Until;

    private void Adjust(Group before, Group after)
    {
        var (gone, lost) = (before.Vips.Except(after.Vips).ToArray(), before.Routes.Except(after.Routes).ToArray());
        if (gone.Length > 0)
            Say(after.Name + " shut", network.Shut(gone));
        if (lost.Length > 0)
            Say(after.Name + " routes", network.RemoveRoutes(lost));
        if (after.Vips.SequenceEqual(before.Vips) && after.Routes.SequenceEqual(before.Routes))
            return;
        var file = FileOf(after.Name);
        if (file.Until != BootInstant.Never.Nanoseconds)
            StartGuard(after);
        if (!_unfinished.ContainsKey(after.Name) && Open(after, file.Epoch, null))
            Speak(after, file.Epoch);
    }

    private void Then(Task task, Action next) => task.ContinueWith(
        done => loop.Enqueue(() =>
        {
            // A tree that cannot be verified dead must not be called ended: rethrown on the loop, which fails closed.
            done.GetAwaiter().GetResult();
            next();
        }),
        TaskScheduler.Default);

    private void Record(string kind, string group, long epoch, string message, IReadOnlyList<Step>? steps = null)
    {
        OwnershipLog.Happened(logger, kind, group, epoch, message);
        outbox.PostEvent(kind, group, epoch, message, steps);
    }

    /// <summary>Says what failed once, not with every renewal.</summary>
    private void Say(string what, NetworkOutcome outcome)
    {
        foreach (var warning in outcome.Warnings)
        {
            if (Changed(what + " warning", warning))
                OwnershipLog.NetworkWarning(logger, what, warning);
        }
        if (Changed(what, outcome.ToString()) && !outcome.Succeeded)
            OwnershipLog.NetworkFailed(logger, what, outcome.ToString());
    }

    private bool Changed(string what, string text)
    {
        if (_said.GetValueOrDefault(what, "") == text)
            return false;
        _said[what] = text;
        return true;
    }

    private sealed record Promotion(long Epoch, BootInstant At, BootInstant AcceptedAt);
}
