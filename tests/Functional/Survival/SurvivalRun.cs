using System.Globalization;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Survival;

/// <summary>
/// A real agent with real shims and programs of several kinds, of which some or all are killed or stopped in every round, by the
/// dice of a seed. Real processes are not the same twice: the seed repeats what is done, not what comes of it.
/// </summary>
internal sealed class SurvivalRun : IDisposable
{
    private const string Group = RunningHost.Group;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ha-survival-");
    private readonly RunningAgent _agent = new();
    private readonly SortedDictionary<string, int> _kills = new(StringComparer.Ordinal);
    private readonly List<SeenProcess> _stopped = [];
    private readonly long _begin = BootClock.Nanoseconds;
    private readonly Random _random;
    private readonly Subject[] _subjects;
    private readonly ProcessTable _table;
    private readonly DoubleWatch _doubles;
    private readonly ExitLedger _ledger;
    private TimeSpan _agentSince;
    private TimeSpan _longest;
    private bool _agentIsDead = true;

    public SurvivalRun(int seed)
    {
        _random = new Random(seed);
        _subjects = Subject.All(_folder.FullName);
        var mark = ("HA_SURVIVAL", _folder.FullName);
        var own = $"HA_SURVIVAL={_folder.FullName}";
        _table = new ProcessTable(_agent.RunDirectory, own);
        _ledger = new ExitLedger(_folder.FullName);
        var group = new Group(
            Group, [new Member("a", 100)], [], [], GroupTiming.Default, new Failback(FailbackMode.Manual, TimeSpan.Zero));
        _agent.Store(group, new View(1, [], null), [.. _subjects.Select(subject => subject.ToProgram(mark))]);
        _ = _table.Read();
        _doubles = new DoubleWatch(new ProcessTable(_agent.RunDirectory, own));
    }

    private TimeSpan Elapsed => TimeSpan.FromTicks((BootClock.Nanoseconds - _begin) / 100);

    private IEnumerable<Subject> Jobs => _subjects.Where(subject => subject.Processes == 0);

    /// <summary>Kills for so many rounds, then lets everything come back; throws on the first promise that is broken.</summary>
    /// <returns>The figures.</returns>
    public async Task<string> RunAsync(int rounds)
    {
        await StartAgent();
        await Settle();
        for (var round = 0; round < rounds; round++)
        {
            Round();
            _doubles.Found.ShouldBeEmpty($"round {round}: two instances of a program at one instant");
            // Some rounds fall into what the ones before have stirred up.
            if (_random.Next(3) == 0)
                await Pause(_random.Next(200));
            else
                await Settle();
        }
        await Settle();
        // Nothing is killed any more: the jobs go on, and every end comes to be reported.
        var starts = Starts();
        await Eventually.Until("the jobs go on", Patience, () => { Read(); return Jobs.All(job => Starts()[job.Name] > starts[job.Name] + 2); }, Seen);
        await Eventually.Until("every end is reported", Patience, () => _ledger.Missing(_agent.Lines).Count == 0,
            () => string.Join("; ", _ledger.Missing(_agent.Lines)));
        _doubles.Found.ShouldBeEmpty("two instances of a program at one instant");
        return string.Create(CultureInfo.InvariantCulture, $"""
            {rounds} rounds in {Elapsed.TotalSeconds:0} s; killed: {string.Join(", ", _kills.Select(kill => $"{kill.Value} {kill.Key}"))}
            {Starts().Values.Sum()} starts of jobs; {_ledger.Sure} ends reported with their exit status, {_ledger.Unsure} too close to an agent's death to tell
            {_doubles.Looks} looks for a second instance; longest time to settle {_longest.TotalSeconds:0.00} s
            """);
    }

    public void Dispose()
    {
        _doubles.Dispose();
        Continue();
        if (!_agentIsDead && !_agent.HasExited)
        {
            _agent.Signal(Libc.SigTerm);
            _agent.UntilExited().Wait(Patience);
        }
        foreach (var process in _table.Read().OrderBy(process => process.Shim.Length))
            _ = Libc.Kill(process.Pid, Libc.SigKill);
        _agent.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Round()
    {
        var all = _table.Read();
        var shims = all.Where(process => process.Shim.Length > 0 && process.Shim != "guard").ToArray();
        var guards = all.Where(process => process.Shim == "guard").ToArray();
        var mains = all.Where(process => process.Program.Length > 0 && shims.Any(shim => shim.Pid == process.Parent)).ToArray();
        var any = all.ToArray();
        switch (_random.Next(10))
        {
            case 0: KillAgent(); break;
            case 1: Kill("shims", Some(shims, 1)); break;
            case 2: Kill("main processes", Some(mains, 1)); break;
            case 3: Kill("processes of any kind", Some(any, 1)); break;
            case 4: Kill("processes of any kind", Some(any, 4)); break;
            case 5: Kill("processes of any kind", Some(any, 3)); KillAgent(); break;
            case 6: KillAgent(); Kill("processes of any kind", Some(any, 3)); break;
            case 7: Stop(Some(shims, 2)); Kill("main processes", Some(mains, 2)); break;
            case 8: Stop(Some(shims, 2)); KillAgent(); break;
            default: Kill("shims", _random.Next(4) == 0 ? shims : Some(shims, 3)); Kill("guards", guards); break;
        }
    }

    private SeenProcess[] Some(SeenProcess[] all, int most)
    {
        _random.Shuffle(all);
        return all[..Math.Min(all.Length, _random.Next(1, most + 1))];
    }

    private void Kill(string kind, SeenProcess[] victims)
    {
        var programs = victims.Select(victim => victim.Shim + victim.Program).ToHashSet(StringComparer.Ordinal);
        _ledger.ShotAt(Instances(programs));
        foreach (var victim in victims.Where(ProcessTable.IsAlive))
        {
            if (Libc.Kill(victim.Pid, Libc.SigKill) == 0)
                _kills[kind] = _kills.GetValueOrDefault(kind) + 1;
        }
        _ledger.ShotAt(Instances(programs));
    }

    private IEnumerable<string> Instances(HashSet<string> programs) =>
        _table.Read().Where(process => programs.Contains(process.Program)).Select(process => process.Instance);

    private void Stop(SeenProcess[] shims)
    {
        foreach (var shim in shims.Where(shim => Libc.Kill(shim.Pid, Libc.SigStop) == 0))
        {
            // The agent may end a stopped shim with its tree.
            _ledger.ShotAt(Instances([shim.Shim]));
            _stopped.Add(shim);
            _kills["stopped shims"] = _kills.GetValueOrDefault("stopped shims") + 1;
        }
    }

    private void Continue()
    {
        foreach (var shim in _stopped.Where(ProcessTable.IsAlive))
            _ = Libc.Kill(shim.Pid, Libc.SigCont);
        _stopped.Clear();
    }

    private void KillAgent()
    {
        if (_agentIsDead)
            return;
        _agent.Signal(Libc.SigKill);
        _agentIsDead = true;
        _ledger.AgentLived(_agentSince, Elapsed);
        _kills["agents"] = _kills.GetValueOrDefault("agents") + 1;
    }

    private async Task StartAgent()
    {
        if (_agentIsDead)
        {
            if (_agent.Lines.Count > 0)
                _ = await _agent.UntilExited();
            _agent.Start();
            (_agentIsDead, _agentSince) = (false, Elapsed);
        }
    }

    private async Task Pause(int milliseconds)
    {
        var end = Elapsed + TimeSpan.FromMilliseconds(milliseconds);
        while (Elapsed < end)
        {
            Read();
            await Task.Delay(10);
        }
        if (_random.Next(2) == 0)
            await StartAgent();
        if (_random.Next(2) == 0)
            Continue();
    }

    /// <summary>Waits until every program is whole, once, and below its shim.</summary>
    private async Task Settle()
    {
        await Pause(_random.Next(2) == 0 ? 0 : _random.Next(300));
        Continue();
        await StartAgent();
        var begin = Elapsed;
        await Eventually.Until("everything is back", Patience, () => { Read(); return Unsettled(_table.Read()).Length == 0; }, Seen);
        _longest = TimeSpan.FromTicks(Math.Max(_longest.Ticks, (Elapsed - begin).Ticks));
    }

    private void Read() => _ledger.Read(Jobs, Elapsed);

    private string Unsettled(List<SeenProcess> all)
    {
        var byPid = all.ToDictionary(process => process.Pid);
        foreach (var process in all.Where(process => process.Program.Length > 0))
        {
            if (!IsBelow(process, byPid))
                return $"{process} is below no shim of its program";
        }
        foreach (var subject in _subjects.Where(subject => subject.Processes > 0))
        {
            var own = all.Where(process => process.Program == subject.Name).ToArray();
            // One that only lost a child runs on: its main process is there.
            var isWhole = own.Length == subject.Processes || (own.Length > 0 && _ledger.WasShotAt(own[0].Instance));
            if (!isWhole || own.DistinctBy(process => process.Instance).Count() != 1)
                return $"{subject.Name} has {own.Length} processes: {string.Join(", ", own.Select(process => process.Pid))}";
        }
        return "";
    }

    private static bool IsBelow(SeenProcess process, Dictionary<int, SeenProcess> all)
    {
        for (var at = process; all.TryGetValue(at.Parent, out var parent); at = parent)
        {
            if (parent.Shim == process.Program)
                return true;
        }
        return false;
    }

    private Dictionary<string, int> Starts() => Jobs.ToDictionary(
        job => job.Name, job => File.Exists(StartsOf(job)) ? File.ReadAllLines(StartsOf(job)).Length : 0);

    private string StartsOf(Subject job) => Path.Combine(_folder.FullName, $"{job.Name}.starts");

    private string Seen() =>
        $"{Unsettled(_table.Read())}\n{string.Join('\n', _table.Read())}\n{string.Join('\n', _agent.Lines.TakeLast(60))}";
}
