using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// The control plane's half of the ownership protocol: who owns what, and when that may change. A pure state machine like
/// <see cref="HostOwnership"/>; one instance per leadership (rule S3), one thread at a time. Truth is in the database:
/// every decision is committed there by compare-and-swap and read back before anything follows from it.
/// </summary>
public sealed partial class FailoverEngine
{
    private readonly BootInstant _leaderSince;
    private readonly SortedDictionary<string, OwnedGroup> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<OwnedGroup>> _groupsOf = new(StringComparer.Ordinal);
    private readonly WakeQueue _wakes = new();
    private long _missedRenewals;
    private int _restored;
    private long _settled;

    /// <summary>Creates the engine of a new leader.</summary>
    /// <param name="leaderSince">When this process became leader, on its own clock (rule C1).</param>
    public FailoverEngine(BootInstant leaderSince) => _leaderSince = leaderSince;

    /// <summary>The earliest instant at which <see cref="LeaderTimePassed"/> must be handled.</summary>
    public BootInstant NextWake => _wakes.Next;

    /// <summary>The counter of the leadership's row, which rises with every renewal, take and release (rule S4). Set before an event is
    /// handled.</summary>
    public long DatabaseCounter { get; set; }

    /// <summary>What that counter must be raised to with the next renewal, once everything is settled after a restore (rule S4); 0 for nothing.</summary>
    public long CounterFloor => _settled <= DatabaseCounter || _restored > 0
        || _groups.Values.Any(g => g is { IsPending: true, IsSettledAfterRestore: false }) ? 0 : _settled;

    /// <summary>True when the leadership was taken in another database than the one before (rule S4): a standby was promoted, or a backup
    /// restored.</summary>
    public bool IsOtherDatabase { get; init; }

    /// <summary>Rules that a test has removed.</summary>
    internal Rule Removed { get; init; }

    /// <summary>S4: a promoted standby may lack this many renewals: they do not wait for it. About one is written in a second.</summary>
    internal long RenewalsMissed { get; init; } = 10;

    /// <summary>V2: for how long a member is not heard until the view is made without it.</summary>
    internal TimeSpan DropAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Handles one event.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="now">The instant of handling, read right before the call (for heartbeats: after their receipt).</param>
    /// <param name="effects">Receives what must be done, in order.</param>
    /// <exception cref="ArgumentException">The event is of an unknown kind.</exception>
    public void Handle(FailoverEvent e, BootInstant now, List<FailoverEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        switch (e)
        {
            case GroupsLoaded loaded:
                OnLoaded(loaded, now, effects);
                break;
            case StreamAttached attached:
                SessionOf(attached.Host).Attach(attached);
                break;
            case StreamDetached detached:
                SessionOf(detached.Host).Detach(detached.StreamId);
                break;
            case HeartbeatReceived received:
                OnHeartbeat(received, now, effects);
                break;
            case EpochReleased released:
                OnReleased(released, now, effects);
                break;
            case PromotionSettled settled:
                OnSettled(settled.Stored, now, effects);
                break;
            case ViewStored stored when _groups.TryGetValue(stored.Group, out var group):
                OnViewStored(group, stored.View, now, effects);
                break;
            case ViewConfirmed confirmed when _groups.TryGetValue(confirmed.Group, out var group):
                group.Ledger.Confirm(confirmed.Version);
                Evaluate(group, now, effects);
                break;
            case ViewStored or ViewConfirmed:
                break;
            case SwitchoverAsked asked:
                OnSwitchoverAsked(asked, now, effects);
                break;
            case FenceBegun begun:
                OnFenceBegun(begun, effects);
                break;
            case HostFenced fenced:
                OnHostFenced(fenced, now, effects);
                break;
            case FenceFailed failed:
                OnFenceFailed(failed, now, effects);
                break;
            case FailbackWindowSeen seen when _groups.TryGetValue(seen.Group, out var group):
                group.Window = seen;
                Evaluate(group, now, effects);
                break;
            case FailbackWindowSeen or LeaderTimePassed:
                break;
            default:
                throw new ArgumentException($"unknown event {e}", nameof(e));
        }
        foreach (var due in _wakes.TakeDue(now))
        {
            if (due.Host)
                JudgeLiveness(SessionOf(due.Name), now, effects);
            else if (_groups.TryGetValue(due.Name, out var group))
                Evaluate(group, now, effects);
        }
    }

    /// <summary>What the leader knows of a group now, for operators.</summary>
    /// <param name="name">The group's name.</param>
    /// <param name="now">The instant.</param>
    /// <returns>Null when the group is not known.</returns>
    public GroupReport? Report(string name, BootInstant now)
    {
        if (!_groups.TryGetValue(name, out var group))
            return null;
        var phase = (group.Promotion, group.Switchover, group.Owner) switch
        {
            (not null, _, _) => GroupPhase.Deciding,
            _ when group.IsRetiring => GroupPhase.Retiring,
            _ when group.Restored is not null => GroupPhase.Waiting,
            (_, not null, _) => GroupPhase.Releasing,
            (_, _, null) => GroupPhase.Unowned,
            _ when group.OwnerEnded => GroupPhase.Unowned,
            _ when !group.LeaseSeen => GroupPhase.Promoting,
            _ => group.Ledger.Expiry > now ? GroupPhase.Owned : GroupPhase.Waiting,
        };
        var left = group.Ledger.Expiry == BootInstant.Never ? (TimeSpan?)null : group.Ledger.Expiry - now;
        return new GroupReport(group.Owner, group.Epoch, phase, left, group.Obstacle, OthersThan(group.Owner, group, now))
        {
            Note = NoteOf(group),
            Priorities = [.. group.Group.Members.Select(m => (m.Host, group.Set.StandingOf(m.Host, _sessions).Effective))],
        };
    }

    /// <summary>Whether a host can be heard, and when it was heard last.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="now">The instant.</param>
    public (HostLiveness Liveness, TimeSpan? Silence) ReportHost(string host, BootInstant now) =>
        _sessions.TryGetValue(host, out var session) && session.LastHeartbeatAt != BootInstant.Zero
            ? (session.Liveness, now - session.LastHeartbeatAt)
            : (HostLiveness.Unknown, null);

    /// <summary>The members but one, best first.</summary>
    private ImmutableArray<BackupReport> OthersThan(string? host, OwnedGroup group, BootInstant now) =>
    [
        .. group.Group.Members
            .Where(m => m.Host != host)
            .Select(m => (m.Host, Standing: group.Set.StandingOf(m.Host, _sessions)))
            .OrderByDescending(m => m.Standing.Effective)
            .ThenByDescending(m => m.Standing.Configured)
            .ThenBy(m => m.Host, StringComparer.Ordinal)
            .Select(m => new BackupReport(m.Host, ObstacleForPeople(group, m.Host, now))
            {
                Priority = m.Standing.IsWeighed ? m.Standing.ToString() : "",
            }),
    ];

    /// <summary>What decides where it will be and is not in its registration.</summary>
    private string NoteOf(OwnedGroup group)
    {
        var weighed = group.Group.Members
            .Select(m => (m.Host, Standing: group.Set.StandingOf(m.Host, _sessions)))
            .Where(m => m.Standing.IsWeighed)
            .Select(m => $"{m.Host} has priority {m.Standing}");
        return string.Join(", ", weighed.Append(group.FailbackWaitsFor).Append(group.Retiring).Where(t => t.Length > 0));
    }

    private string ObstacleForPeople(OwnedGroup group, string host, BootInstant now)
    {
        if (CandidateRanking.ObstacleOf(host, group.Group, _sessions, now) is { Length: > 0 } obstacle)
            return obstacle;
        return group.Set.UnfitOf(host, _sessions) is { Length: > 0 } unfit ? $"only if no other can: {unfit}" : "";
    }

    private HostSession SessionOf(string host)
    {
        if (!_sessions.TryGetValue(host, out var session))
            _sessions[host] = session = new HostSession(host, Removed);
        return session;
    }

    private List<OwnedGroup> GroupsOf(string host) => _groupsOf.TryGetValue(host, out var groups) ? groups : [];

    private void OnLoaded(GroupsLoaded loaded, BootInstant now, List<FailoverEffect> effects)
    {
        foreach (var session in _sessions.Values)
            session.Drained = "";
        foreach (var (host, drained) in loaded.Drained)
            SessionOf(host).Drained = drained;
        var registered = loaded.Groups.Select(g => g.Group.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _groups.Values.Where(g => !registered.Contains(g.Group.Name)).ToArray())
            OnGone(gone, effects);
        foreach (var stored in loaded.Groups)
        {
            var name = stored.Group.Name;
            if (_groups.TryGetValue(name, out var known))
            {
                known.Group = stored.Group;
                continue;
            }
            _groups[name] = known = new OwnedGroup(stored, now, _leaderSince, Removed);
            if (Removed.HasFlag(Rule.S4Restored))
                continue;
            if (MissesRenewals)
                _ = BecomeRestored(known, effects);
            else
                NoteUnsettled(known, effects);
        }
        foreach (var group in _groups.Values)
            group.Retiring = loaded.Retiring.GetValueOrDefault(group.Group.Name, "");
        IndexByHost();
        IndexSyncSets();
        foreach (var group in _groups.Values)
        {
            var locked = LockOf(group, loaded);
            group.Held = group.Lock == locked ? group.Held : "";
            group.Lock = locked;
        }
        foreach (var group in _groups.Values)
            Evaluate(group, now, effects);
    }

    /// <summary>C2: a lock of one holds its whole sync group, which must not be torn apart.</summary>
    private static string LockOf(OwnedGroup group, GroupsLoaded loaded)
    {
        if (OwnLockOf(group) is { Length: > 0 } own)
            return own;
        foreach (var fellow in group.Set.Groups)
        {
            if (OwnLockOf(fellow) is { Length: > 0 } its)
                return $"{fellow.Group.Name} of sync group {group.Set.Name} is held: {its}";
        }
        return "";

        string OwnLockOf(OwnedGroup one) =>
            loaded.Locks.GetValueOrDefault(one.Group.Name, one.Group.Locked ? "the group is locked" : "");
    }

    private void IndexSyncSets()
    {
        // C11: the others do not stay where one is that is being deleted.
        foreach (var together in _groups.Values.GroupBy(g => g.IsRetiring ? "" : g.Group.SyncGroup, StringComparer.Ordinal))
        {
            if (together.Key.Length == 0)
            {
                foreach (var group in together)
                    group.Set = new SyncSet("", [group]);
                continue;
            }
            var set = new SyncSet(together.Key, [.. together]);
            foreach (var group in together)
                group.Set = set;
        }
    }

    private void IndexByHost()
    {
        _groupsOf.Clear();
        foreach (var group in _groups.Values)
        {
            foreach (var member in group.Group.Members)
            {
                if (!_groupsOf.TryGetValue(member.Host, out var groups))
                    _groupsOf[member.Host] = groups = [];
                groups.Add(group);
            }
        }
    }

    /// <summary>The first view of a group: every member, whether it has been heard or not (rules V2, L6).</summary>
    /// <param name="group">The group.</param>
    /// <param name="version">The version to give it.</param>
    public static View ViewOf(Group group, long version)
    {
        ArgumentNullException.ThrowIfNull(group);
        return new View(
            version,
            [.. group.Members.Select(m => m.Host).Order(StringComparer.Ordinal)],
            group.Members.Length == 1 ? null : group.Timing.Ttl);
    }
}
