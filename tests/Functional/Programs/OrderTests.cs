using System.Collections.Concurrent;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Who starts and stops when.</summary>
public sealed class OrderTests : IAsyncDisposable
{
    private readonly Sleepers _sleepers = new();
    private readonly RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Programs_start_by_priority_and_stop_in_reverse_each_after_the_one_before()
    {
        var steps = new ConcurrentQueue<StepResult>();
        string[] names = ["db", "app", "web"];
        var journal = Path.Combine(_host.Scratch, "journal");
        // Each takes a while to go: whoever did not wait for it would write between its two lines.
        _host.Run(
            [.. names.Select((name, i) => RunningHost.Define(
                name, RunningHost.Sh($"trap \"echo {name} asked >>{journal}; sleep 0.1; echo {name} gone >>{journal}; exit 0\" TERM; echo up; {_sleepers.Command} & wait")) with
            {
                Priority = 10 * (i + 1),
                StdoutLogfile = Path.Combine(_host.Scratch, name),
            })],
            steps.Enqueue);
        foreach (var name in names)
        {
            await _host.UntilRunning(name);
            await Lab.World.Eventually.Until("its trap is set", TimeSpan.FromSeconds(60),
                () => File.Exists(Path.Combine(_host.Scratch, name)) && File.ReadAllText(Path.Combine(_host.Scratch, name)) == "up\n");
        }
        steps.Select(s => s.Name).ShouldBe(["program:db", "program:app", "program:web"]);
        foreach (var (before, after) in steps.Zip(steps.Skip(1)))
            (before.Begin + before.Duration).ShouldBeLessThanOrEqualTo(after.Begin, $"{after.Name} waits for {before.Name}");

        await _host.Host.DeactivateAsync(RunningHost.Group, graceful: true).WaitAsync(TimeSpan.FromSeconds(60));
        (await File.ReadAllLinesAsync(journal)).ShouldBe(
            ["web asked", "web gone", "app asked", "app gone", "db asked", "db gone"]);
        _sleepers.Alive().ShouldBeEmpty("children that did not hear of the end have ended too");
    }

    [Fact]
    public async Task Who_does_not_stop_in_time_is_killed_with_its_whole_tree()
    {
        _host.Run(RunningHost.Define("deaf", RunningHost.Sh($"trap \"\" TERM; {_sleepers.Command} & setsid {_sleepers.Command} & echo up; wait; wait")) with
        {
            StopTimeout = TimeSpan.FromMilliseconds(200),
            StdoutLogfile = Path.Combine(_host.Scratch, "deaf"),
        });
        await _host.UntilRunning("deaf");
        await _sleepers.Are(2);
        var asked = HaGrpc.Linux.BootClock.Nanoseconds;
        await _host.Host.DeactivateAsync(RunningHost.Group, graceful: true).WaitAsync(TimeSpan.FromSeconds(60));
        _sleepers.Alive().ShouldBeEmpty();
        var end = _host.Host.Snapshot().Single();
        end.State.ShouldBe(ProgramState.Stopped);
        end.ExitStatus.ShouldBe(-Lab.Kernel.Libc.SigKill);
        _host.DirectoryOf("deaf").ReadRecord("exit.last")!.EndedAt.ShouldBeGreaterThanOrEqualTo(asked + 200_000_000);
    }

    [Fact]
    public async Task What_a_program_leaves_behind_when_it_ends_by_itself_is_ended_too()
    {
        _host.Run(RunningHost.Define("leaver", RunningHost.Sh($"setsid {_sleepers.Command} & {_sleepers.Command} & exit 7")) with
        {
            Restart = HaGrpc.Core.Model.RestartPolicy.Never,
        });
        (await _host.Until("leaver", p => p.State == ProgramState.Exited)).ExitStatus.ShouldBe(7);
        _sleepers.Alive().ShouldBeEmpty("EXITED means that the whole tree is gone");
    }
}
