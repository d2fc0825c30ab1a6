using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Functional.Tests.Output;

/// <summary>Log files that are rotated by the shim while the program writes.</summary>
public sealed class RotationTests : IAsyncDisposable
{
    private const int Limit = 20_000;
    private const int Most = 8_000;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private WrittenLog Log => new(Path.Combine(_host.Scratch, "log"));

    // Two processes that write lines in turns; each numbers its own.
    private static string TwoWriters =>
        RunningHost.Sh($"for who in a b; do (i=0; while [ $i -lt {Most} ]; do i=$((i+1)); echo $who $i; done) & done; wait");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task By_size_every_line_is_kept_once_and_whole(bool compress)
    {
        await RunToTheEnd(Define(TwoWriters) with { StdoutLogfileBackups = 1000, LogfileCompress = compress });
        var lines = Log.Lines();
        Log.Files.Length.ShouldBeGreaterThan(5);
        foreach (var who in (string[])["a", "b"])
            lines.Where(line => line.StartsWith(who)).ShouldBe(Enumerable.Range(1, Most).Select(i => $"{who} {i}"));
        lines.Length.ShouldBe(2 * Most);
        foreach (var text in Log.Files.Select(WrittenLog.TextOf))
        {
            text.Length.ShouldBeInRange(1, Limit);
            text.ShouldEndWith("\n");
        }
        await Eventually.Until("no half of a backup is left", Soon, () => Directory.GetFiles(_host.Scratch, "*.new").Length == 0);
    }

    [Fact]
    public async Task Several_programs_may_write_to_one_file_and_each_line_is_kept_once()
    {
        const int writers = 3, lines = 20_000;
        var start = Path.Combine(_host.Scratch, "start");
        // Each says when it is done: the log itself is what is tested.
        _host.Run([.. Enumerable.Range(0, writers).Select(i => Define(RunningHost.Sh(
            $"until [ -e {start} ]; do sleep 0.05; done; seq -f \"{i} %%.0f\" 1 {lines}; exit 0")) with
        {
            Name = RunningHost.Define($"writer{i}", "").Name,
            StdoutLogfileBackups = 1000,
            Restart = RestartPolicy.Never,
        })]);
        for (var i = 0; i < writers; i++)
            _ = await _host.UntilRunning($"writer{i}");
        await File.WriteAllTextAsync(start, "");
        for (var i = 0; i < writers; i++)
            _ = await _host.Until($"writer{i}", p => p.State == ProgramState.Exited);
        // Who finds that another rotates writes on, so that files may be longer than they should; but rotated it was.
        Log.Files.Length.ShouldBeGreaterThan(3);
        // One may go on in another's backup for up to a second, and one's line may stand within another's: so no order, and no lines, but all bytes.
        var text = string.Concat(Log.Files.Select(WrittenLog.TextOf));
        text.Length.ShouldBe(Enumerable.Range(0, writers).Sum(i => Enumerable.Range(1, lines).Sum(line => $"{i} {line}\n".Length)));
    }

    [Fact]
    public async Task A_named_pipe_that_nobody_reads_is_told_and_one_that_somebody_reads_is_written_to()
    {
        var pipe = Path.Combine(_host.Scratch, "pipe");
        using var made = System.Diagnostics.Process.Start("mkfifo", pipe);
        await made.WaitForExitAsync();
        var program = Define(RunningHost.Sh("echo said; exec sleep 1000")) with { StdoutLogfile = pipe, StartRetries = 0 };
        _host.Run(program);
        (await _host.Until(program.Name.Name, p => p.State == ProgramState.Fatal)).Detail
            .ShouldBe($"can't open stdout_logfile '{pipe}': No such device or address (errno 6); it is a named pipe that nobody reads");
        var said = Task.Run(() => { using var reader = new StreamReader(pipe); return reader.ReadLine(); });
        _host.Host.Configure([program with { StartRetries = 3, RestartGeneration = 1 }]);
        (await said.WaitAsync(Soon)).ShouldBe("said");
    }

    [Fact]
    public async Task Only_as_many_backups_as_asked_for_are_kept_and_they_are_the_last()
    {
        foreach (var surplus in Enumerable.Range(1, 4))
            await File.WriteAllTextAsync($"{Log.Path}.{surplus}", "from when there were to be more\n");
        await RunToTheEnd(Define(Numbers(1, 5 * Most)) with { StdoutLogfileBackups = 2 });
        Log.Files.Length.ShouldBe(3);
        File.Exists($"{Log.Path}.3").ShouldBeFalse();
        File.Exists($"{Log.Path}.4").ShouldBeFalse();
        Log.Lines().ShouldBe(Enumerable.Range(1, 5 * Most).Select(i => $"{i}").TakeLast(Log.Lines().Length));
    }

    [Fact]
    public async Task Without_backups_the_file_is_emptied()
    {
        await RunToTheEnd(Define(Numbers(1, Most)) with { StdoutLogfileBackups = 0 });
        Directory.GetFiles(_host.Scratch).ShouldBe([Log.Path]);
        new FileInfo(Log.Path).Length.ShouldBeLessThanOrEqualTo(Limit);
        Log.Lines()[^1].ShouldBe($"{Most}");
    }

    [Fact]
    public async Task Compressed_backups_are_told_by_their_names_and_have_the_files_owner_and_mode()
    {
        await File.WriteAllTextAsync(Log.Path, "");
        File.SetUnixFileMode(Log.Path, (UnixFileMode)0b110_100_000);
        var command = RunningHost.Sh($"seq 1 {Most}; exec sleep 1000");
        _host.Run(Define(command) with { StdoutLogfileBackups = 100, LogfileCompress = true });
        await Eventually.Until("every backup is compressed", Soon, () => Log.Files.Length > 1
            && Log.Files[..^1].All(file => file.EndsWith(".gz", StringComparison.Ordinal)) && Log.TryLines()?.Length == Most);
        Log.Lines().ShouldBe(Enumerable.Range(1, Most).Select(i => $"{i}"));
        foreach (var file in Log.Files)
            File.GetUnixFileMode(file).ShouldBe((UnixFileMode)0b110_100_000, file);
        Directory.GetFiles(_host.Scratch).Order().ShouldBe(Log.Files.Order(), "nothing is left over");
    }

    [Fact]
    public async Task A_backup_that_cannot_be_compressed_stays_and_is_told()
    {
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Host.Happened = (kind, _, message) => told.TrySetResult($"{kind} {message}");
        Directory.CreateDirectory($"{Log.Path}.gz.new/in the way");
        await RunToTheEnd(Define(Numbers(1, Most)) with { LogfileCompress = true });
        (await told.Task.WaitAsync(Soon)).ShouldBe("LogFailed a backup of its logs cannot be compressed and stays as it is: File exists (errno 17)");
        Log.Lines().ShouldBe(Enumerable.Range(1, Most).Select(i => $"{i}"));
    }

    [Fact]
    public async Task What_an_instance_left_uncompressed_the_next_one_compresses()
    {
        await File.WriteAllTextAsync($"{Log.Path}.1", "left\n");
        File.SetLastWriteTimeUtc($"{Log.Path}.1", new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        _host.Run(Define("/bin/sleep 1000") with { LogfileCompress = true });
        await Eventually.Until("it is compressed", Soon, () => File.Exists($"{Log.Path}.1.gz") && !File.Exists($"{Log.Path}.1"));
        WrittenLog.TextOf($"{Log.Path}.1.gz").ShouldBe("left\n");
        File.GetLastWriteTimeUtc($"{Log.Path}.1.gz").Year.ShouldBe(2020);
    }

    [Fact]
    public async Task By_age_with_the_first_write_after_it()
    {
        // The file's age counts from when it is written to, which may be some time after the program has said it. The last two lines come in
        // one write, so that none of them is a second after the other.
        var command = RunningHost.Sh($"echo one; while ! test -s {Log.Path}; do sleep 0.02; done; sleep 1.2; printf \"two\\nthree\\n\"");
        await RunToTheEnd(Define(command) with { LogfileMaxAge = TimeSpan.FromSeconds(1) });
        Log.Files.Select(WrittenLog.TextOf).ShouldBe(["one\n", "two\nthree\n"]);
    }

    [Fact]
    public async Task A_line_longer_than_the_file_may_be_is_not_torn()
    {
        var line = new string('x', Limit * 2);
        await File.WriteAllTextAsync(Path.Combine(_host.Scratch, "long"), $"short\n{line}\nshort\n");
        await RunToTheEnd(Define($"/bin/cat {_host.Scratch}/long"));
        Log.Files.Select(WrittenLog.TextOf).ShouldBe(["short\n", line + "\n", "short\n"]);
    }

    [Fact]
    public async Task A_file_that_is_emptied_from_outside_counts_from_nothing()
    {
        var go = Path.Combine(_host.Scratch, "go");
        var half = Limit * 2 / 3 / 6;
        var wait = $"while [ ! -e {go} ]; do sleep 0.01; done";
        _host.Run(Define(RunningHost.Sh($"seq 10001 {10000 + half}; {wait}; seq 20001 {20000 + half}; exec sleep 1000")));
        await Eventually.Until("the first half is written", Soon, () => Log.Text.EndsWith($"{10000 + half}\n", StringComparison.Ordinal));
        await using (var file = new FileStream(Log.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(0);
        await File.WriteAllTextAsync(go, "");
        await Eventually.Until("the second half is written", Soon, () => Log.Text.EndsWith($"{20000 + half}\n", StringComparison.Ordinal));
        Log.Lines().ShouldBe(Enumerable.Range(20001, half).Select(i => $"{i}"));
    }

    [Fact]
    public async Task A_file_that_is_renamed_or_removed_from_outside_is_made_anew()
    {
        _host.Run(Define(RunningHost.Sh("i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done")));
        var (moved, removed) = ($"{Log.Path}-moved", $"{Log.Path}-removed");
        await Eventually.Until("it writes", Soon, () => Log.Text.Length > 10);
        File.Move(Log.Path, moved);
        await Eventually.Until("it writes to a new file", Soon, () => Log.Text.Length > 10);
        var numbers = (WrittenLog.TextOf(moved) + Log.Text).Split('\n')[..^1];
        numbers.ShouldBe(Enumerable.Range(1, numbers.Length).Select(i => $"{i}"));
        File.CreateSymbolicLink(removed, Log.Path);
        File.Delete(Log.Path);
        await Eventually.Until("it writes to a new file again", Soon, () => Log.Text.Length > 10);
        File.GetUnixFileMode(Log.Path).ShouldBe((UnixFileMode)0b110_100_100);
    }

    [Fact]
    public async Task A_rotation_that_fails_loses_nothing_and_is_told()
    {
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Host.Happened = (kind, _, message) => told.TrySetResult($"{kind} {message}");
        Directory.CreateDirectory($"{Log.Path}.1/in the way");
        await RunToTheEnd(Define(Numbers(1, Most)) with { StdoutLogfileBackups = 1 });
        Log.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(Enumerable.Range(1, Most).Select(i => $"{i}"));
        (await told.Task.WaitAsync(Soon)).ShouldBe("LogFailed a log file cannot be rotated and is written on: Is a directory (errno 21)");
    }

    [Fact]
    public async Task The_two_outputs_are_rotated_apart()
    {
        var errors = new WrittenLog(Path.Combine(_host.Scratch, "errors"));
        await RunToTheEnd(Define(RunningHost.Sh($"seq 1 {Most}; seq 1 {Most} >&2")) with
        {
            StdoutLogfileMaxBytes = 0,
            StderrLogfile = errors.Path,
            StderrLogfileMaxBytes = Limit,
        });
        Log.Files.Length.ShouldBe(1);
        errors.Files.Length.ShouldBeGreaterThan(1);
        errors.Lines().ShouldBe(Log.Lines());
    }

    private ConfiguredProgram Define(string command) => RunningHost.Define("writer", command) with
    {
        StdoutLogfile = Log.Path,
        StdoutLogfileMaxBytes = Limit,
        Restart = RestartPolicy.Never,
    };

    private static string Numbers(int from, int to) => $"/usr/bin/seq {from} {to}";

    private async Task RunToTheEnd(ConfiguredProgram program)
    {
        _host.Run(program);
        (await _host.Until(program.Name.Name, p => p.State is ProgramState.Exited or ProgramState.Fatal)).ExitStatus.ShouldBe(0);
    }
}
