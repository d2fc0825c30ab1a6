using System.Collections.Immutable;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Hooks;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Ownership;

/// <summary>
/// The order of what an owner does and undoes: deadline file, guard, gate, addresses, announcement, routes, programs. Only on
/// the ownership loop's thread.
/// </summary>
internal sealed class GroupActs : IDisposable
{
    private const string Resumed = "OwnershipResumed";
    private const int LeasesToArrive = 5;
    private static readonly TimeSpan ShutAgain = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan HookPatience = TimeSpan.FromSeconds(10);

    private readonly HostNetwork _network;
    private readonly ProgramHost _programs;
    private readonly GuardShim _guards;
    private readonly OwnershipLoop _loop;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ActReports _reports;
    private readonly DeadlineFiles _deadlines;
    private readonly LeaseWriter _writer;
    private readonly Presence _presence;
    private readonly Restoration _restoration;
    private readonly Clients _clients;
    private readonly ScriptedVips _scripted;
    private readonly GroupHooks _hooks;
    private readonly HookHost _hookHost;
    private readonly Dictionary<string, Group> _configured = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Timeline> _timelines = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unfit = new(StringComparer.Ordinal);

    // Groups that run here and are ours only since the newest configuration: their VIPs are not silenced before the lease comes.
    private readonly HashSet<string> _arriving = new(StringComparer.Ordinal);

    // What an owner could not do yet: tried again with every renewal, so that one late write costs no more than that.
    private readonly Dictionary<string, Action> _unfinished = new(StringComparer.Ordinal);

    /// <summary>Prepares; nothing happens yet.</summary>
    public GroupActs(
        AgentOptions options,
        Guid bootId,
        HostNetwork network,
        ProgramHost programs,
        GuardShim guards,
        HookHost hooks,
        Outbox outbox,
        OwnershipLoop loop,
        TimeProvider time,
        ILogger logger)
    {
        (_network, _programs, _guards, _loop, _time, _logger) = (network, programs, guards, loop, time, logger);
        _hookHost = hooks;
        _reports = new(outbox, logger);
        _deadlines = new(options.RunDirectory, bootId);
        _writer = new(network, guards, _deadlines, loop.MayAct, () => OwnershipLoop.Now, _reports);
        _presence = new(network, _writer, _deadlines, loop.MayAct, _reports);
        _hooks = new(options.Host, hooks, options.RunDirectory, _configured, loop.Enqueue, logger);
        _clients = new(network, _configured, Then, _reports);
        _scripted = new(new VipScripts(options.Host, hooks, outbox, logger), _configured, loop.Enqueue, Then, time);
        _restoration = new(network, _writer, _presence, _configured, EpochOf, _unfinished.ContainsKey, Guarded, _reports);
    }

    /// <summary>Timelines of promotions.</summary>
    public Promotions Promotions { get; } = new();

    /// <summary>Takes over changed groups; an owner changes its addresses at once.</summary>
    public void Configure(ImmutableArray<Group> groups)
    {
        var before = new Dictionary<string, Group>(_configured, StringComparer.Ordinal);
        foreach (var group in groups)
            _configured[group.Name] = group;
        _reports.Say("gate", _network.Prepare(Guarded(groups)));
        if (!_network.GateAvailable && _reports.IsNew("no gate", _network.GateReason))
            OwnershipLog.NoGate(_logger, _network.GateReason);
        foreach (var group in groups.Where(g => _loop.RoleOf(g.Name) == OwnerRole.Owner))
        {
            if (before.TryGetValue(group.Name, out var old))
                Adjust(old, group);
            Finish(group.Name);
        }
    }

    /// <summary>A group that was only observed is ours from the next <see cref="Configure"/> on.</summary>
    /// <param name="group">The group.</param>
    /// <param name="isHere">True when this host has it: its VIPs answer, and go on doing so until the lease comes, or does not come in a few
    /// times its length.</param>
    public void NoteArriving(Group group, bool isHere)
    {
        _hooks.Arriving(group.Name, isHere);
        if (!isHere)
            return;
        _ = _arriving.Add(group.Name);
        Then(Task.Delay(group.Timing.Ttl * LeasesToArrive, _time), () => Arrive(group.Name));
    }

    /// <summary>W1: what the deadline files of an earlier agent say.</summary>
    public ImmutableArray<RecordedDeadline> ReadDeadlines(IEnumerable<string> groups) => _deadlines.Read(groups);

    /// <summary>W1: the file is there before an epoch is accepted; from any thread. See <see cref="DeadlineFiles.Make"/>.</summary>
    public void MakeDeadline(string group) => _deadlines.Make(group);

    /// <summary>W1. Shims and guard sleep for the end that they have read: an earlier one has to be told.</summary>
    public void WriteDeadline(WriteDeadline write)
    {
        var movedBack = _deadlines.Write(write, out var tooLate);
        if (tooLate)
            _loop.Post(new DeadlinePassed(write.Group, write.Epoch));
        if (!movedBack)
            return;
        _programs.DeadlineChanged(write.Group);
        _hooks.DeadlineChanged(write.Group);
        _scripted.DeadlineChanged(write.Group);
        if (_loop.RoleOf(write.Group) == OwnerRole.Owner && _configured.TryGetValue(write.Group, out var group))
            _writer.DeadlineMovedBack(group);
    }

    /// <summary>C7: guard, gate, addresses, announcement, routes, programs.</summary>
    public void Claim(Claim claim) =>
        Act(claim.Group, claim.Epoch, "OwnershipTaken", claim.Reason, Promotions.Begin(claim));

    /// <summary>S1: restore what is missing, interrupt nothing.</summary>
    public void Resume(ResumeOwnership resume)
    {
        _deadlines.Restore(resume);
        var timeline = new Timeline(OwnershipLoop.Now);
        Act(resume.Group, resume.Epoch, Resumed, "the agent was restarted", timeline);
    }

    /// <summary>W3, W5.</summary>
    public void Extend(ExtendLease extend)
    {
        if (!_configured.TryGetValue(extend.Group, out var group))
            return;
        if (_unfinished.ContainsKey(extend.Group))
            Finish(extend.Group);
        else if (_writer.Open(group, extend.Epoch) && _writer.IsSilenced(extend.Group))
            _presence.Speak(group, extend.Epoch);
    }

    /// <summary>C8: goes on under a later epoch.</summary>
    public void Raise(RaiseEpoch raise)
    {
        _deadlines.Raise(raise.Group, raise.From, raise.Epoch);
        _programs.RaiseEpoch(raise.Group, raise.From, raise.Epoch);
        _scripted.Raise(raise.Group, raise.Epoch);
        _reports.Record("EpochRaised", raise.Group, raise.Epoch, $"goes on under epoch {raise.Epoch}; it was {raise.From}", []);
    }

    /// <summary>Shuts the gate and removes the addresses.</summary>
    public void Shut(string group) => _ = TryShut(group);

    /// <summary>C9: in reverse order, politely, under the lease.</summary>
    public void StopPrograms(StopPrograms stop)
    {
        var timeline = _timelines[stop.Group] = new Timeline(OwnershipLoop.Now);
        OwnershipLog.Releasing(_logger, stop.Group, stop.Epoch, stop.Reason);
        _hooks.Giving(stop.Group, stop.Epoch, stop.Reason);
        _scripted.Giving(stop.Group);
        Then(_programs.DeactivateAsync(stop.Group, graceful: true), () =>
        {
            timeline.Add("stop programs", timeline.Begin, "");
            _clients.DropBeforeShut(stop.Group, stop.Epoch, timeline, () =>
            {
                var from = OwnershipLoop.Now;
                _scripted.Release(stop.Group, hasWaited =>
                {
                    if (hasWaited)
                        timeline.Add("release script", from, "");
                    _loop.Post(new ProgramsStopped(stop.Group, stop.Epoch));
                });
            });
        });
    }

    /// <summary>W7: deadline to 0; gate, addresses and routes; programs.</summary>
    public void End(EndEpoch end)
    {
        var isPlanned = _timelines.TryGetValue(end.Group, out var timeline);
        if (timeline is null)
            timeline = _timelines[end.Group] = new Timeline(OwnershipLoop.Now);
        OwnershipLog.Ending(_logger, end.Group, end.Epoch, end.Reason);
        _deadlines.End(end.Group);
        _ = _unfinished.Remove(end.Group);
        var began = OwnershipLoop.Now;
        var shut = TryShut(end.Group);
        timeline.Add("shut", began, shut ? "" : "tried again");
        _clients.DropAfterShut(end.Group, end.Epoch);
        _writer.ForgetSilence(end.Group);
        if (_configured.TryGetValue(end.Group, out var group))
            _presence.RemoveRoutes(group.Name, group.Routes);
        _programs.DeadlineChanged(end.Group);
        _scripted.End(end.Group);
        _hooks.Ending(end.Group, end.Epoch, end.Reason, isPlanned);
        began = OwnershipLoop.Now;
        Then(_programs.DeactivateAsync(end.Group, graceful: false), () =>
        {
            timeline.Add("kill programs", began, "");
            _guards.Stop(end.Group);
            EndWhenShut(end, shut);
        });
    }

    /// <summary>Stops what runs on every member: this one leaves. Everything was released by then, and hooks have a little time.</summary>
    public void EndEverywhere(Action then) => Then(Task.WhenAll(_programs.EndEverywhereAsync(), _hookHost.FinishAsync(HookPatience)), then);

    /// <summary>The agent was told to stop.</summary>
    public void NoteStop() => _hooks.IsStopping = true;

    /// <summary>Whether this host can run a group (rule C5). Hooks are told when it cannot any more, not of every further reason.</summary>
    public void NoteFitness(string group, string reason)
    {
        if (reason.Length == 0)
            _ = _unfit.Remove(group);
        else if (_unfit.Add(group))
            _hooks.Unfit(group, _deadlines.Of(group).Epoch, reason);
    }

    /// <summary>Groups that this host turns out not to own.</summary>
    public void StandBy()
    {
        foreach (var group in _configured.Keys.Where(name => _loop.RoleOf(name) == OwnerRole.Standby))
            _hooks.StandBy(group, _deadlines.Of(group).Epoch);
    }

    /// <summary>S2: programs of a group that this host does not own any more.</summary>
    public void KillLeftovers(string group) =>
        Then(_programs.DeactivateAsync(group, graceful: false), () => OwnershipLog.LeftoversKilled(_logger, group));

    /// <summary>S2: addresses, routes and gate elements of ours that no live lease stands for.</summary>
    public void RemoveLeftovers(IEnumerable<Group> owned)
    {
        var keep = owned.ToArray();
        _reports.Say("leftovers", _network.RemoveLeftovers([.. keep.SelectMany(g => g.Vips)], [.. keep.SelectMany(g => g.Routes)]));
    }

    /// <summary>The steps of the last end of an epoch.</summary>
    public IReadOnlyList<Step> TakeSteps(string group) =>
        _timelines.Remove(group, out var timeline) ? timeline.Steps : [];

    /// <summary>What somebody else took away comes back.</summary>
    public void OnDisturbed(Disturbance disturbance) => _restoration.OnDisturbed(disturbance);

    /// <summary>The epoch that this host acts for (rule L7).</summary>
    public long? EpochOf(Group group) =>
        _deadlines.Of(group.Name).Epoch is var epoch && _loop.MayAct(group.Name, epoch) ? epoch : null;

    /// <summary>Closes the deadline files; their contents stay.</summary>
    public void Dispose() => _deadlines.Dispose();

    /// <summary>W7: an epoch whose gate or address could not be taken away is not over.</summary>
    private void EndWhenShut(EndEpoch end, bool shut)
    {
        if (shut || TryShut(end.Group))
        {
            _loop.Post(new EpochActsEnded(end.Group, end.Epoch));
            _hooks.Ended(end.Group, end.Epoch, end.Reason);
            return;
        }
        Then(Task.Delay(ShutAgain, _time), () => EndWhenShut(end, shut: false));
    }

    private bool TryShut(string group) => !_configured.TryGetValue(group, out var configured) || _writer.Shut(configured);

    /// <summary>Begins to act as owner, or remembers to try again.</summary>
    private void Act(string name, long epoch, string kind, string reason, Timeline timeline)
    {
        _unfinished[name] = () =>
        {
            var group = _configured[name];
            epoch = Math.Max(epoch, _deadlines.Of(name).Epoch); // C8
            if (!_writer.Open(group, epoch, timeline))
                return;
            _ = _unfinished.Remove(name);
            var arrives = Arrive(name);
            var from = OwnershipLoop.Now;
            _scripted.Claim(group, epoch, resumed: arrives || kind == Resumed, hasWaited =>
            {
                if (hasWaited)
                    timeline.Add("claim script", from, "");
                Serve(name, Math.Max(epoch, _deadlines.Of(name).Epoch), kind, reason, timeline);
            });
        };
        Finish(name);
    }

    /// <summary>From here on the gate guards it. What is leased already stays open: nothing is silent for a moment.</summary>
    /// <returns>True when it had not arrived before.</returns>
    private bool Arrive(string group)
    {
        if (!_arriving.Remove(group))
            return false;
        _reports.Say("gate", _network.Prepare(Guarded()));
        return true;
    }

    private Vip[] Guarded() => Guarded(_configured.Values);

    private Vip[] Guarded(IEnumerable<Group> groups) => [.. groups.Where(g => !_arriving.Contains(g.Name)).SelectMany(g => g.Vips)];

    private void Serve(string name, long epoch, string kind, string reason, Timeline timeline)
    {
        _presence.Speak(_configured[name], epoch, timeline);
        var from = OwnershipLoop.Now;
        _hooks.Taking(name, epoch, reason, hasWaited =>
        {
            if (hasWaited)
                timeline.Add("hooks", from, "");
            RunPrograms(_configured[name], Math.Max(epoch, _deadlines.Of(name).Epoch), kind, reason, timeline);
        });
    }

    private void Finish(string group)
    {
        if (_configured.ContainsKey(group) && _unfinished.TryGetValue(group, out var act))
            act();
    }

    private void RunPrograms(Group group, long epoch, string kind, string reason, Timeline timeline)
    {
        var file = _deadlines.Of(group.Name);
        _programs.Activate(
            group.Name,
            epoch,
            () => DeadlineFiles.MayAct(file, epoch),
            step => _loop.Enqueue(() => timeline.Add(step.Name, step.Begin, step.Error, step.Duration)),
            () => _loop.Enqueue(() =>
            {
                _reports.Record(kind, group.Name, epoch, reason, timeline.Steps);
                _hooks.Taken(group.Name, epoch, reason);
            }));
    }

    private void Adjust(Group before, Group after)
    {
        var (gone, lost) = (before.Vips.Except(after.Vips).ToArray(), before.Routes.Except(after.Routes).ToArray());
        if (gone.Length > 0)
            _reports.Say(after.Name + " shut", _network.Shut(gone));
        if (lost.Length > 0)
            _presence.RemoveRoutes(after.Name, lost);
        if (after.Vips.SequenceEqual(before.Vips) && after.Routes.SequenceEqual(before.Routes)
            && after.AnnounceInterval == before.AnnounceInterval && after.DuplicateProbeInterval == before.DuplicateProbeInterval)
            return;
        var epoch = _deadlines.Of(after.Name).Epoch;
        if (_unfinished.ContainsKey(after.Name) || !_writer.Open(after, epoch))
            return;
        _presence.Speak(after, epoch);
        _scripted.Adjust(after, epoch);
    }

    private void Then(Task task, Action next) => task.ContinueWith(
        done => _loop.Enqueue(() =>
        {
            // A tree that cannot be verified dead must not be called ended: rethrown on the loop, which fails closed.
            done.GetAwaiter().GetResult();
            next();
        }),
        TaskScheduler.Default);
}
