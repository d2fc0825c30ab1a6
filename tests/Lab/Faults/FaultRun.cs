using System.Globalization;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using HaGrpc.V1;

namespace HaGrpc.Lab.Faults;

/// <summary>One or two faults on a settled cluster: strikes, heals, and compares what was seen with what had to happen.</summary>
internal sealed class FaultRun
{
    private readonly LabCluster _cluster;
    private readonly FaultBounds _bounds;
    private readonly HostAgent _owner;
    private readonly HostAgent _backup;
    private readonly IReadOnlyList<Fault> _faults;
    private readonly Fault[] _healing;
    private readonly Course _course;
    private readonly int _seed;
    private readonly Random _random;
    private readonly List<string> _broken = [];
    private readonly List<long> _struckAt = [];
    private readonly HashSet<int> _programsBefore;
    private readonly long _began = BootClock.Nanoseconds;
    private long _healingAt;
    private long _healedAt;

    private FaultRun(LabCluster cluster, HostAgent owner, IReadOnlyList<FaultKind> kinds, int seed)
    {
        _cluster = cluster;
        _bounds = new(cluster.Profile.Timing);
        (_owner, _backup) = (owner, cluster.Other(owner));
        _seed = seed;
        _random = new(seed);
        var order = kinds.ToArray();
        _random.Shuffle(order);
        var stage = new FaultStage(cluster, _owner, _backup, seed);
        _faults = [.. order.Select(kind => kind.Make(stage))];
        _healing = [.. _faults];
        _random.Shuffle(_healing);
        // One that ends by itself may do so before the other is healed.
        var left = _faults.Count == 1 ? [] : _faults.Any(f => f.Lasts is not null) ? _faults : [_healing[1]];
        _course = Course.Of(_owner.Host.Name, _backup.Host.Name, [.. _faults.Select(f => f.Damage)], [.. left.Select(f => f.Damage)]);
        _programsBefore = [.. cluster.Observers.Of(owner.Host.Name).Programs.Alive.Select(l => l.Pid)];
    }

    /// <summary>Whether the cluster was whole again at the end; if not, it is of no use to a further run.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>What was seen.</summary>
    public FaultResult Result { get; private set; } = null!;

    /// <summary>All instants, for whoever has to understand a broken run.</summary>
    public IEnumerable<string> Timeline()
    {
        yield return $"began {Seconds(_began)}";
        foreach (var (fault, at) in _faults.Zip(_struckAt))
            yield return $"{fault} struck {Seconds(at)}";
        yield return $"healing, in the order {string.Join(", ", _healing.Select(f => f.Name))}: {Seconds(_healingAt)}, healed {Seconds(_healedAt)}";
        yield return $"course: {_course}";
        foreach (var host in _cluster.Observers.Hosts)
        {
            foreach (var interval in host.Gate.Intervals(Topology.Vip4).Concat(host.Programs.Lives.Select(l => l.Interval)))
            {
                if (interval.To > _began)
                    yield return interval.ToString();
            }
        }
        foreach (var outage in Outages.Between(_cluster.Prober.Probes, _began, BootClock.Nanoseconds, TimeSpan.FromMilliseconds(50)))
            yield return $"client unanswered [{Seconds(outage.From)} .. {Seconds(outage.To)}]";
    }

    /// <summary>Runs the faults on a settled cluster.</summary>
    public static async Task<FaultRun> Of(LabCluster cluster, IReadOnlyList<FaultKind> kinds, int seed)
    {
        var owner = await cluster.Settled();
        await cluster.Linked();
        var run = new FaultRun(cluster, owner, kinds, seed);
        // A campaign is long: what is older than this run is of no use to it.
        foreach (var host in cluster.Observers.Hosts)
            host.Answers.Clear(run._began);
        cluster.Prober.Clear(run._began);
        await run.Run();
        return run;
    }

    private async Task Run()
    {
        var before = await _cluster.Operator.Group(Manifest.Group);
        var lastId = await _cluster.Operator.LastEvent();
        try
        {
            // An outage is counted from the last success before it: there has to be one.
            await _cluster.Prober.Answered(_began, _owner.Host.Name, _cluster.Profile.Takeover);
            await Strike();
            await Hold();
        }
        catch (TimeoutException failure)
        {
            Break(failure.Message);
        }
        _healingAt = BootClock.Nanoseconds;
        foreach (var fault in _healing)
            await fault.Heal();
        _healedAt = BootClock.Nanoseconds;
        try
        {
            await _cluster.Settled();
            IsWhole = true;
        }
        catch (TimeoutException failure)
        {
            Break(failure.Message);
        }
        await Judge(before, lastId);
    }

    private async Task Strike()
    {
        foreach (var fault in _faults)
        {
            if (_struckAt.Count > 0)
                await PassUntil(_struckAt[0] + (long)Gap().TotalNanoseconds);
            _struckAt.Add(await fault.Strike());
        }
    }

    /// <summary>At once in one of four pairs; else evenly up to shortly after a takeover, and while the first one lasts.</summary>
    private TimeSpan Gap()
    {
        var longest = _bounds.LongestGap;
        if (_faults[0].Lasts is { } lasts && longest > lasts / 2)
            longest = lasts / 2;
        return _random.Next(4) == 0 ? TimeSpan.Zero : longest * _random.NextDouble();
    }

    /// <summary>Until everything has happened that the faults lead to.</summary>
    private async Task Hold()
    {
        var last = _struckAt[^1];
        if (_course.Answered != Certainty.No)
            await EventuallyAnswered(last, Bound());
        await PassUntil(last + (long)_bounds.Hold.TotalNanoseconds);
    }

    private TimeSpan Bound() => _course.Answered == Certainty.Yes ? _bounds.Takeover : _bounds.OnPoorWire;

    /// <summary>Waits for longer than the bound, so that what comes late is told from what never comes.</summary>
    private async Task EventuallyAnswered(long since, TimeSpan bound)
    {
        // Whoever was to be replaced is not asked any more by then.
        var settled = since + (long)(_course.LeastChanges == 0 ? TimeSpan.Zero : _bounds.Hold / 3).TotalNanoseconds;
        await _cluster.Prober.Answered(settled, by: null, bound + TimeSpan.FromSeconds(10));
    }

    private static Task PassUntil(long instant) =>
        Eventually.Until("time passes", TimeSpan.FromSeconds(Math.Max(0, (instant - BootClock.Nanoseconds) / 1e9) + 60), () => BootClock.Nanoseconds >= instant);

    private async Task Judge(GroupStatus before, long lastId)
    {
        var end = BootClock.Nanoseconds;
        var probes = _cluster.Prober.Probes.Where(p => p.Start >= _began).ToList();
        var audit = new Auditor(_cluster.Observers).Check(_began, end);
        audit.Violations.Take(10).ToList().ForEach(Break);
        if (audit.Margin is { } margin && margin <= TimeSpan.Zero)
            Break($"the margin between two owners was {margin.TotalMilliseconds:0.0} ms");

        var outages = Outages.Between(probes, _began, end, FaultBounds.Slack);
        var moves = 0;
        var why = "";
        if (IsWhole)
        {
            var now = await _cluster.Operator.Group(Manifest.Group);
            var events = await _cluster.Operator.Events(lastId);
            History.Gaps(events, lastId, before, now).ToList().ForEach(Break);
            moves = History.ChangesOfOwner(events, _owner.Host.Name);
            JudgeMoves(now, before, moves);
            if (moves > 0)
                why = await JudgeWhy(events);
        }
        if (_struckAt.Count == _faults.Count)
            JudgeOutages(outages);
        var served = outages.Where(o => o.To > _healedAt).Select(o => (o.To - _healedAt) / 1e6).DefaultIfEmpty(0).Max();
        Result = new(
            [.. _faults.Select(f => f.Name)], _seed, _struckAt.Count > 1 ? (_struckAt[1] - _struckAt[0]) / 1e6 : null, Expected(), moves,
            Outages.Longest(probes, _began, end).TotalMilliseconds, served, audit.Margin?.TotalMilliseconds, why, _broken);
    }

    /// <summary>An operator who asks gets the true cause, of one fault at least: what two at once say is for the table.</summary>
    private async Task<string> JudgeWhy(IReadOnlyList<Event> events)
    {
        var epoch = events.First(e => e.Kind == "OwnerPromoted" && e.Host != _owner.Host.Name).Epoch;
        var answer = "";
        try
        {
            // The former owner's word is on its way when its host is settled again.
            await Eventually.Until("hactl why names the cause", TimeSpan.FromSeconds(30), async () =>
            {
                answer = await _cluster.Operator.Hactl("why", Manifest.Group, "--epoch", epoch.ToString(CultureInfo.InvariantCulture));
                return _faults is not [var only] || Causes.Tells(answer, only.Name);
            });
        }
        catch (TimeoutException)
        {
            Break($"hactl why does not name the cause: {Causes.Answer(answer)}");
        }
        return Causes.Answer(answer);
    }

    private void JudgeMoves(GroupStatus now, GroupStatus before, int moves)
    {
        if (moves < _course.LeastChanges || moves > _course.MostChanges)
            Break($"the owner changed {moves} times instead of {_course.LeastChanges} to {_course.MostChanges}: {now.LastReason}");
        if (moves == 1 && now.Epoch == before.Epoch + 1)
        {
            var lives = _cluster.Observers.Hosts.SelectMany(host => host.Programs.Lives);
            TakeoverStarts.Check(Manifest.Programs, lives, _backup.Host.Name, _struckAt[0]).ToList().ForEach(Break);
        }
        if (!_course.NothingMoves)
            return;
        if (now.Epoch != before.Epoch)
            Break($"the epoch rose from {before.Epoch} to {now.Epoch}: {now.LastReason}");
        var alive = _cluster.Observers.Of(_owner.Host.Name).Programs.Alive.Select(l => l.Pid).ToHashSet();
        if (!alive.SetEquals(_programsBefore))
            Break($"programs were restarted: pids {string.Join(' ', _programsBefore.Order())} became {string.Join(' ', alive.Order())}");
        var gate = _cluster.Observers.Of(_owner.Host.Name).Gate.Intervals(Topology.Vip4).Where(i => i.To > _began).ToList();
        if (gate.Count != 1 || gate[0].From > _began)
            Break($"the gate did not stay open: {string.Join(", ", gate)}");
    }

    private void JudgeOutages(IReadOnlyList<Outage> outages)
    {
        if (_course.Answered != Certainty.No)
        {
            // On a poor wire single pauses go on; there it counts that answers come again at all.
            var due = _struckAt[^1] + (long)Bound().TotalNanoseconds;
            var late = outages.Where(o => o.From < _healingAt && o.To > due && (_course.Answered == Certainty.Yes || o.From < due)).ToList();
            if (late.Count > 0)
                Break($"the client was not answered from {Seconds(late[0].From)} to {Seconds(late[0].To)}; the bound was {Seconds(due)}");
        }
        var healed = _healedAt + (long)_bounds.Healing.TotalNanoseconds;
        if (outages.FirstOrDefault(o => o.To > healed) is { } missing)
            Break($"the client was not answered from {Seconds(missing.From)} to {Seconds(missing.To)}; the bound after the healing was {Seconds(healed)}");
        if (!_course.HealingMovesNothing || _course.Answered != Certainty.Yes)
            return;
        var ended = _cluster.Observers.Hosts.SelectMany(h => h.Programs.Lives)
            .Where(l => l.StartedAt < _healingAt && l.EndedAt > _healingAt && l.EndedAt != Interval.Open).ToList();
        if (ended.Count > 0)
            Break($"the healing ended programs: {string.Join(", ", ended.Select(l => l.Interval))}");
    }

    private string Expected() =>
        (_course.NothingMoves ? "nothing moves" : _course.LeastChanges == _course.MostChanges
            ? $"{_course.MostChanges} changes of owner" : $"{_course.LeastChanges} to {_course.MostChanges} changes of owner")
        + (_course.Answered == Certainty.No ? $", answered {_bounds.Healing.TotalSeconds:0.0} s after the healing"
            : $", answered {Bound().TotalSeconds:0.0} s after the last strike");

    private void Break(string what) => _broken.Add(what);

    private static string Seconds(long at) => FormattableString.Invariant($"{at / 1e9:0.000}");
}
