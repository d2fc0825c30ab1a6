using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Functional.Tests.Output;

/// <summary>Log files that are changed, and agents that come and go, while a program writes.</summary>
public sealed class LiveLogTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private WrittenLog Log => new(At("log"));

    private ConfiguredProgram Writer => RunningHost.Define(
        "writer", RunningHost.Sh("i=0; while :; do i=$((i+1)); echo $i; [ $((i%%100)) -gt 0 ] || sleep 0.01; done")) with
    {
        StdoutLogfile = Log.Path,
        StdoutLogfileMaxBytes = 0,
        StdoutLogfileBackups = 1000,
    };

    [Fact]
    public async Task Another_size_and_another_path_apply_without_a_restart()
    {
        _host.Run(Writer);
        var running = await _host.UntilRunning("writer");
        await Eventually.Until("it writes", Soon, () => Log.Text.Length > 10_000);
        Log.Files.Length.ShouldBe(1);
        _host.Host.Configure([Writer with { StdoutLogfileMaxBytes = 8192 }]);
        await Eventually.Until("it is rotated", Soon, () => Log.Files.Length > 3);
        var other = new WrittenLog(At("other"));
        _host.Host.Configure([Writer with { StdoutLogfile = other.Path }]);
        await Eventually.Until("it writes elsewhere", Soon, () => other.Text.Length > 1000);
        (await _host.UntilRunning("writer")).Pid.ShouldBe(running.Pid);
        AreNumbered([.. Log.Lines(), .. other.Lines()]);
        // From somewhere to nowhere is another program as far as its output goes.
        _host.Host.Configure([Writer with { StdoutLogfile = "NONE" }]);
        await _host.Until("writer", p => p.State == ProgramState.Running && p.Pid != running.Pid);
    }

    [Fact]
    public async Task A_path_that_cannot_be_opened_is_told_and_the_one_before_is_written_on()
    {
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Host.Happened = (kind, _, message) => told.TrySetResult($"{kind} {message}");
        _host.Run(Writer);
        await _host.UntilRunning("writer");
        _host.Host.Configure([Writer with { StdoutLogfile = "/no/such/log" }]);
        (await told.Task.WaitAsync(Soon)).ShouldBe(
            "LogFailed its new log file cannot be opened, the one before is written on: No such file or directory (errno 2)");
        var before = Log.Text.Length;
        await Eventually.Until("it is written on", Soon, () => Log.Text.Length > before);
    }

    [Fact]
    public async Task Nothing_is_lost_or_torn_while_no_agent_runs_and_the_next_one_knows_better()
    {
        _host.Run(Writer with { StdoutLogfileMaxBytes = 8192 });
        var running = await _host.UntilRunning("writer");
        await Eventually.Until("it is rotated", Soon, () => Log.Files.Length > 3);
        await _host.AgentDies();
        var files = Log.Files.Length;
        await Eventually.Until("it is rotated without an agent", Soon, () => Log.Files.Length > files + 3);
        _host.AgentComesBack();
        await _host.Host.AdoptAsync();
        var other = new WrittenLog(At("other"));
        _host.Run(Writer with { StdoutLogfile = other.Path });
        await Eventually.Until("it writes elsewhere", Soon, () => other.Text.Length > 10_000);
        (await _host.UntilRunning("writer")).Pid.ShouldBe(running.Pid);
        AreNumbered([.. Log.Lines(), .. other.Lines()]);

        // And what it was told then is known to the agent after that.
        await _host.AgentDies();
        _host.AgentComesBack();
        await _host.Host.AdoptAsync();
        _host.Run(Writer);
        var length = Log.Text.Length;
        await Eventually.Until("it writes where it did first", Soon, () => Log.Text.Length > length);
        (await _host.UntilRunning("writer")).Pid.ShouldBe(running.Pid);
    }

    [Fact]
    public async Task A_program_may_open_its_own_output_whatever_its_user()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "changing the user takes root");
        _host.Run(RunningHost.Define("opener", RunningHost.Sh("echo out >/dev/stdout; echo err >/dev/stderr")) with
        {
            User = "nobody",
            StdoutLogfile = Log.Path,
            StderrLogfile = At("errors"),
            Restart = RestartPolicy.Never,
        });
        (await _host.Until("opener", p => p.State == ProgramState.Exited)).ExitStatus.ShouldBe(0);
        (Log.Text, new WrittenLog(At("errors")).Text).ShouldBe(("out\n", "err\n"));
    }

    private static void AreNumbered(string[] lines)
    {
        // The last one may still be on its way.
        lines = lines[..^1];
        lines.ShouldBe(Enumerable.Range(1, lines.Length).Select(i => $"{i}"));
    }

    private string At(string name) => Path.Combine(_host.Scratch, name);
}
