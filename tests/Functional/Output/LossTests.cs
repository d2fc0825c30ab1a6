using System.Collections.Concurrent;
using System.Diagnostics;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Output;

/// <summary>Disks that take nothing: the program runs on, the deadline is kept, and what was lost is told.</summary>
public sealed class LossTests : IAsyncDisposable
{
    private const long Millisecond = 1_000_000;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly RunningHost _host = RunningHost.Create();
    private readonly ConcurrentQueue<string> _happened = new();

    public LossTests() => _host.Host.Happened = (kind, program, message) => _happened.Enqueue($"{kind} {program.Name}: {message}");

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private string At(string name) => Path.Combine(_host.Scratch, name);

    // A beat outside its log says that it is not held up.
    private string Writer => RunningHost.Sh($"while :; do seq 1 2000; echo >>{At("beat")}; sleep 0.01; done");

    [Fact]
    public async Task A_full_disk_does_not_hold_a_program_up_and_is_told()
    {
        _host.Run(RunningHost.Define("full", Writer) with { StdoutLogfile = "/dev/full" });
        await Told("LogLost full: its stdout is being lost: No space left on device (errno 28)");
        await Beats();
        _host.Log.Lines.ShouldContain("Warning: web:full: its stdout is being lost: No space left on device (errno 28)");
    }

    [Fact]
    public async Task What_is_written_after_a_loss_begins_with_what_was_lost()
    {
        var log = new WrittenLog(At("log"));
        _host.Run(RunningHost.Define("limited", Writer) with { StdoutLogfile = log.Path, StdoutLogfileMaxBytes = 0 });
        await _host.UntilRunning("limited");
        await Limit("100000");
        await Told("LogLost limited: its stdout is being lost: File too large (errno 27)");
        await Beats();
        await Limit("unlimited");
        await ToldOf("LogRestored limited: its output is written again; ");
        await Beats();
        // A line that the file's end had no room for is cut off there; behind the gap every line is whole.
        var lines = log.Text.Split('\n')[..^1];
        var note = Array.FindIndex(lines, line => line.StartsWith("ha-shim: ", StringComparison.Ordinal));
        lines[note].ShouldMatch("^ha-shim: [1-9][0-9]* bytes of output were lost here: File too large$");
        var numbers = lines[(note + 1)..].Select(int.Parse).ToArray();
        numbers.Zip(numbers.Skip(1)).ShouldAllBe(pair => pair.Second == (pair.First % 2000) + 1);
    }

    [Fact]
    public async Task A_disk_that_hangs_does_not_hold_a_program_up_and_gets_what_comes_when_it_does_not_hang_any_more()
    {
        using var disk = new HangingDisk(At("hanging"));
        _host.Run(RunningHost.Define("hung", Writer) with { StdoutLogfile = disk.Path });
        await Told("LogLost hung: its stdout is being lost: the disk takes nothing");
        await Beats();
        var text = "";
        await Eventually.Until("the log goes on", Soon, () => (text += disk.Read()).Contains("ha-shim: ", StringComparison.Ordinal), () => text);
        text.ShouldMatch("\nha-shim: [1-9][0-9]* bytes of output were lost here: the disk took nothing for more than a second\n");
        await ToldOf("LogRestored hung: ", disk.Read);
    }

    [Fact]
    public async Task A_deadline_is_kept_while_the_disk_hangs()
    {
        using var disk = new HangingDisk(At("hanging"));
        _host.Run(RunningHost.Define("hung", Writer) with { StdoutLogfile = disk.Path });
        var running = await _host.UntilRunning("hung");
        using var process = Process.GetProcessById(running.Pid);
        var until = _host.Deadline.Until = BootClock.Nanoseconds + (200 * Millisecond);
        _host.Host.DeadlineChanged(RunningHost.Group);
        // The disk hangs for as long as this test runs: whatever waits for it waits in vain.
        await process.WaitForExitAsync().WaitAsync(Soon);
        BootClock.Nanoseconds.ShouldBeGreaterThanOrEqualTo(until);
        var ended = await _host.Until("hung", p => p.State is not ProgramState.Running);
        ended.ExitStatus.ShouldBe(-Libc.SigKill);
    }

    [Fact]
    public async Task A_log_that_cannot_even_be_opened_keeps_nobody_from_stopping_the_program()
    {
        using var file = new LeasedFile(At("leased"));
        var program = RunningHost.Define("opening", Writer) with { StdoutLogfile = file.Path };
        _host.Run(program);
        await Eventually.Until("its shim waits for the file", Soon, () => ThreadsOf(ShimOf("opening")) > 2);
        _host.Host.Configure([program with { DesiredState = DesiredState.Stopped }]);
        await _host.Until("opening", p => p.State is ProgramState.Stopped);
        _host.History.ShouldNotContain(p => p.State == ProgramState.Running, "it had no file");
    }

    private static int ThreadsOf(int pid) => pid > 0 ? Directory.GetDirectories($"/proc/{pid}/task").Length : 0;

    private Task ToldOf(string beginning, Func<string>? meanwhile = null) => Eventually.Until(
        $"it is told: {beginning}",
        Soon,
        () =>
        {
            _ = meanwhile?.Invoke();
            return _happened.Any(told => told.StartsWith(beginning, StringComparison.Ordinal));
        },
        () => string.Join(" | ", _happened));

    private int ShimOf(string name) => _host.DirectoryOf(name).ReadShim().Pid;

    private async Task Limit(string bytes)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", $"{ShimOf("limited")}", $"--fsize={bytes}:unlimited"]);
        await prlimit.WaitForExitAsync();
        prlimit.ExitCode.ShouldBe(0);
    }

    private Task Told(string what) =>
        Eventually.Until($"it is told: {what}", Soon, () => _happened.Contains(what), () => string.Join(" | ", _happened));

    private async Task Beats()
    {
        var before = Length();
        await Eventually.Until("the program runs on", Soon, () => Length() > before + 20);

        // Its first loss may be told before its first beat.
        long Length() => new FileInfo(At("beat")) is { Exists: true } beat ? beat.Length : 0;
    }
}
