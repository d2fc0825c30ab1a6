using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Rule S1: a new agent takes over what runs, and never starts a second instance while the first lives.</summary>
public sealed class AdoptionTests : IAsyncDisposable
{
    private readonly Sleepers _sleepers = new();
    private RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    // As long as any process of an instance is alive the file is locked; a second instance would exit by 99.
    private string Exclusive => $"flock -n -E 99 {_host.Scratch}/lock sh -c 'setsid {_sleepers.Command} & {_sleepers.Command}'";

    private Core.Model.Program Program =>
        RunningHost.Define("one", Exclusive) with { Restart = RestartPolicy.Always, StartRetries = 1000 };

    [Fact]
    public async Task A_new_agent_restarts_nothing()
    {
        _host.Run(Program);
        var before = await _host.UntilRunning("one");
        await _sleepers.Are(2);
        var record = _host.RecordOf("one");
        for (var restart = 0; restart < 3; restart++)
        {
            await _host.AgentDies();
            _host.AgentComesBack();
            var report = await _host.Host.AdoptAsync();
            report.Groups.Single().Live.ShouldBe([Program.Name]);
            _host.Run(Program);
            (await _host.UntilRunning("one")).Pid.ShouldBe(before.Pid);
        }
        _host.RecordOf("one").ShouldBe(record);
        _host.History.Where(p => p.ExitStatus != 0).ShouldBeEmpty();
        record.Program.IsAlive.ShouldBeTrue();
    }

    [Fact]
    public async Task A_program_of_another_boot_is_forgotten()
    {
        var directory = _host.DirectoryOf("one");
        directory.Write("spec", new ShimSpec().Add("boot", Guid.NewGuid().ToString()).Add("instance", "x").Encode());
        // The pid is this very process: only the boot says that it is somebody else.
        directory.WriteShim(new ProcessIdentity(Environment.ProcessId, StartOf(Environment.ProcessId)));
        (await _host.Host.AdoptAsync()).Groups.Single().Live.ShouldBeEmpty();
        Directory.Exists(directory.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task An_end_that_no_agent_saw_is_judged_by_its_time()
    {
        var sleepers = new Sleepers();
        var good = RunningHost.Define("good", sleepers.Command) with { StartTime = TimeSpan.FromMilliseconds(1), Restart = RestartPolicy.Never };
        var hasty = RunningHost.Define("hasty", _sleepers.Command) with { StartTime = TimeSpan.FromMilliseconds(1500), Restart = RestartPolicy.Never };
        _host.Run(good, hasty);
        var pids = new[] { (await _host.UntilRunning("good")).Pid, (await _host.Until("hasty", p => p.Pid > 0)).Pid };
        await _host.AgentDies();
        foreach (var pid in pids)
            Libc.Check(Libc.Kill(pid, Libc.SigTerm), "end it");
        foreach (var name in (string[])["good", "hasty"])
        {
            await Eventually.Until("a record", TimeSpan.FromSeconds(60), () => _host.DirectoryOf(name).ReadRecord("exit") is { IsOver: true });
            await _host.ShimEnds(name);
        }
        // When the new agent looks, both have been "up" for longer than their start time.
        var record = _host.DirectoryOf("hasty").ReadRecord("exit")!;
        var start = record.StartedAt + 1_500_000_000;
        // On a busy machine it may have lived for longer before it was ended.
        var isHasty = record.EndedAt < start;
        await Eventually.Until("the start time passes", TimeSpan.FromSeconds(60), () => BootClock.Nanoseconds > start);
        _host.AgentComesBack();
        _host.Host.Configure([good, hasty]);
        (await _host.Host.AdoptAsync()).Groups.Single().Ended.Length.ShouldBe(2);
        var known = _host.Host.Snapshot().ToDictionary(p => p.Name.Name);
        known["good"].State.ShouldBe(ProgramState.Exited);
        known["good"].Detail.ShouldBe("terminated by signal 15; not expected");
        (known["hasty"].State, known["hasty"].Detail).ShouldBe(isHasty
            ? (ProgramState.Fatal, "Exited too quickly (process log may have details)")
            : (ProgramState.Exited, "terminated by signal 15; not expected"));
    }

    [Fact]
    public async Task An_end_is_on_record_when_the_disk_of_the_run_directory_is_full()
    {
        await using var disk = await SmallDisk.MountAsync(Path.GetDirectoryName(_host.DirectoryOf("one").Path)!, 256);
        var seven = RunningHost.Define("one", RunningHost.Sh("trap \"exit 7\" TERM; while :; do sleep 0.01; done"));
        _host.Run(seven);
        var running = await _host.UntilRunning("one");
        await _host.AgentDies();
        disk.Fill();
        Libc.Check(Libc.Kill(running.Pid, Libc.SigTerm), "end it");
        await _host.ShimEnds("one");
        var record = _host.DirectoryOf("one").ReadRecord("exit");
        (record?.IsOver, record?.ExitStatus).ShouldBe((true, 7));
    }

    [Fact]
    public async Task An_end_that_an_agent_had_read_but_not_yet_noted_when_it_was_killed_is_known_to_the_next()
    {
        var done = RunningHost.Define("done", "/bin/sh -c 'exit 0'") with { Restart = RestartPolicy.Unexpected };
        _host.Run(done);
        await _host.Until("done", p => p.State == ProgramState.Exited);
        await _host.AgentDies();
        await _host.ShimEnds("done");
        File.Delete(_host.DirectoryOf("done").File("condition"));
        _host.AgentComesBack();
        (await _host.Host.AdoptAsync()).Groups.Single().Ended.ShouldBe([done.Name]);
        _host.Run(done);
        var known = await _host.Until("done", p => p.State == ProgramState.Exited);
        (known.ExitStatus, known.Detail).ShouldBe((0, ""), "it has done what it had to do, and did not lose its shim");
    }

    [Fact]
    public async Task A_program_whose_agent_was_killed_between_its_end_and_the_next_start_is_started()
    {
        _host.Run(Program);
        var before = await _host.UntilRunning("one");
        await _host.AgentDies();
        Libc.Check(Libc.Kill(before.Pid, Libc.SigKill), "end it");
        var directory = _host.DirectoryOf("one");
        await Eventually.Until("a record", TimeSpan.FromSeconds(60), () => directory.ReadRecord("exit") is { IsOver: true });
        await _host.ShimEnds("one");
        // What the agent would have noted before it died.
        File.Move(directory.File("exit"), directory.File("exit.last"));
        var exited = ProgramCondition.Initial with { State = ProgramState.Exited, ExitStatus = -9 };
        new KeptCondition(exited, Epoch: 1, Generation: 0, DateTimeOffset.UnixEpoch).Write(directory);
        _host.AgentComesBack();
        await _host.Host.AdoptAsync();
        _host.Run(Program);
        (await _host.UntilRunning("one")).Pid.ShouldNotBe(before.Pid);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tree_that_lost_its_shim_is_found_and_ended_before_the_next_start(bool agentSees)
    {
        _host.Run(Program);
        var before = await _host.UntilRunning("one");
        await _sleepers.Are(2);
        var old = _sleepers.Alive();
        if (!agentSees)
            await _host.AgentDies();
        Libc.Check(Libc.Kill(_host.RecordOf("one").Shim.Pid, Libc.SigKill), "kill the shim");
        if (!agentSees)
        {
            await Eventually.Until("the program dies with its shim", TimeSpan.FromSeconds(60), () => !_host.RecordOf("one").Program.IsAlive);
            _host.AgentComesBack();
            (await _host.Host.AdoptAsync()).Groups.Single().Killed.ShouldBe([Program.Name]);
            _host.Run(Program);
        }
        await _host.Until("one", p => p.State == ProgramState.Running && p.Pid != before.Pid);
        await _sleepers.Are(2);
        _sleepers.Alive().ShouldNotContain(pid => old.Contains(pid));
        _host.History.ShouldNotContain(p => p.ExitStatus == 99, "a second instance was started beside the first");
    }

    [Fact]
    public async Task A_shim_whose_agent_died_before_it_could_be_found_starts_nothing()
    {
        var directory = _host.DirectoryOf("one");
        var touched = Path.Combine(_host.Scratch, "touched");
        directory.Prepare(new ShimSpec()
            .Add("boot", RunningHost.Boot.ToString()).Add("instance", "orphan").Add("arg", "/usr/bin/touch").Add("arg", touched));
        var connection = ShimConnection.Pair(out var inherited);
        var shim = PidFd.TryOpen(ShimSpawn.Start(RunningHost.Shim, "run", directory, inherited))!;
        _ = Libc.Close(inherited);
        connection.Dispose();
        await Eventually.Until("the shim ends", TimeSpan.FromSeconds(60), () => !shim.Process.IsAlive);
        shim.Reap();
        directory.ReadRecord("exit").ShouldBeNull();
        File.Exists(touched).ShouldBeFalse();
        // The same shim, told to go, does start it: what is missing above is only the word.
        directory.Prepare(directory.ReadSpec()!);
        connection = ShimConnection.Pair(out inherited);
        shim = PidFd.TryOpen(ShimSpawn.Start(RunningHost.Shim, "run", directory, inherited))!;
        _ = Libc.Close(inherited);
        connection.Send(ShimRequest.Go).ShouldBeTrue();
        await Eventually.Until("the shim ends", TimeSpan.FromSeconds(60), () => !shim.Process.IsAlive);
        shim.Reap();
        connection.Dispose();
        File.Exists(touched).ShouldBeTrue();
    }

    [Fact]
    public async Task A_run_directory_may_have_any_path()
    {
        await _host.DisposeAsync();
        _host = RunningHost.Create(below: string.Join('/', Enumerable.Repeat(new string('d', 60), 4)));
        _host.DirectoryOf("one").File("socket").Length.ShouldBeGreaterThan(2 * 107);
        _host.Run(Program);
        var before = await _host.UntilRunning("one");
        await _host.AgentDies();
        _host.AgentComesBack();
        await _host.Host.AdoptAsync();
        _host.Run(Program);
        (await _host.UntilRunning("one")).Pid.ShouldBe(before.Pid);
        await _host.Host.DeactivateAsync(RunningHost.Group, graceful: true);
        await _sleepers.AreGone();
    }

    [Fact]
    public async Task Never_two_instances_and_never_none_under_random_kills()
    {
        var seed = Environment.GetEnvironmentVariable("HAGRPC_FIRST_SEED") is { Length: > 0 } given
            ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture)
            : new Random().Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"HAGRPC_FIRST_SEED={seed}");
        var random = new Random(seed);
        var rounds = int.Parse(Environment.GetEnvironmentVariable("HAGRPC_ROUNDS") ?? "25", System.Globalization.CultureInfo.InvariantCulture);
        // Seven kills in a row that the agent has seen are a crash loop: its waits would grow beyond any test's patience.
        var program = Program with { Backoff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)) };
        _host.Run(program);
        for (var round = 0; round < rounds; round++)
        {
            var now = await _host.UntilRunning("one");
            await _sleepers.Are(2);
            var record = _host.RecordOf("one");
            record.Program.Pid.ShouldBe(now.Pid);
            var isSeen = random.Next(2) == 0;
            if (!isSeen)
                await _host.AgentDies();
            // The main process, the shim, a leaf; sometimes two of them. An instance that only lost a leaf is ended as well.
            int[] victims = [record.Program.Pid, record.Shim.Pid, .. _sleepers.Alive()];
            random.Shuffle(victims);
            foreach (var victim in victims[..random.Next(1, 3)])
                _ = Libc.Kill(victim, Libc.SigKill);
            await Eventually.Until("the victims are dead", TimeSpan.FromSeconds(60), () => !victims[..1].Any(Sleepers.IsAlive));
            if (record.Program.IsAlive)
                _ = Libc.Kill(record.Program.Pid, Libc.SigKill);
            if (!isSeen)
            {
                _host.AgentComesBack();
                await _host.Host.AdoptAsync();
                _host.Run(program);
            }
            await _host.Until("one", p => p.State == ProgramState.Running && p.Pid != now.Pid);
            _host.History.ShouldNotContain(p => p.ExitStatus == 99, $"seed {seed}, round {round}: a second instance was started beside the first");
        }
    }

    private static long StartOf(int pid) => ProcessStatus.TryRead(pid, out var status) ? status.StartTime : 0;
}
