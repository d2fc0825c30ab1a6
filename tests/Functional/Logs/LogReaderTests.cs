using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.Logs;

/// <summary>Logs through a control plane and real agents, while everything around them comes and goes. What lies in a file is written
/// by the tests, so that every line is known.</summary>
public sealed class LogReaderTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("hagrpc-logs-").FullName;
    private readonly RunningAgent _a = new(), _b = new();

    private static int _last = 9;

    // A loopback address of each test's own: the port is the same after a restart, and nobody else's.
    private readonly string _address = string.Create(
        CultureInfo.InvariantCulture, $"127.{Environment.ProcessId % 250}.{Environment.ProcessId / 250 % 250}.{Interlocked.Increment(ref _last)}:7443");

    private InProcessPlane _plane = null!;

    private string Url => $"http://{_address}";

    public async ValueTask InitializeAsync()
    {
        _plane = await PlaneAsync();
        var web = Models.Group("web", new Member { Host = "a", Priority = 120 }, new Member { Host = "b", Priority = 80 });
        web.Timing = Models.Calm(); // Nobody loses a lease because this machine is busy.
        await _plane.ApplyAsync(new()
        {
            Hosts = { new Host { Name = "a" }, new Host { Name = "b" } },
            Groups = { web },
            Programs =
            {
                Program("http", "/bin/sh -c 'trap \"echo bye from $HOST; exit\" TERM; echo hello from $HOST; while :; do sleep 0.05; done'", "http"),
                Program("file", "/bin/sleep 1000", "file"),
                Program("none", "/bin/sleep 1000", "NONE"),
            },
        });
        StartAgent(_a, "a");
        await UntilRunningOnAsync("a");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in new[] { _b, _a })
        {
            if (agent.Lines.Count > 0 && !agent.HasExited)
            {
                agent.Signal(Libc.SigTerm); // Hands over: no program and no guard is left.
                await agent.UntilExited();
            }
            agent.Dispose();
        }
        await _plane.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_last_lines_are_told_and_what_has_no_log_says_which_field()
    {
        await File.WriteAllLinesAsync(FileOf("a"), Enumerable.Range(1, 20).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        (await Operator.RunAsync(Url, "tail", "web:file")).ShouldBe(new(0, string.Concat(Enumerable.Range(11, 10).Select(i => $"{i}\n")), ""));
        (await Operator.RunAsync(Url, "tail", "-n", "2", "web:file")).Out.ShouldBe("19\n20\n");
        (await Operator.RunAsync(Url, "tail", "web:file", "stderr")).ShouldBe(
            new(1, "", "web:file: ERROR (no log file: its stderr_logfile is NONE; give it an absolute path)\n"));
        await Eventually.Until("http has spoken", Limit, () => File.Exists($"{_folder}/a-http") && File.ReadAllText($"{_folder}/a-http").Length > 0);
        (await Operator.RunAsync(Url, "logs", "-n", "1", "web")).ShouldBe(new(
            0,
            "file | 20\nhttp | hello from a\n",
            "hactl: web:none: no log file: its stdout_logfile is NONE; give it an absolute path\n"));

        File.Delete(FileOf("a"));
        (await Operator.RunAsync(Url, "tail", "web:file")).ShouldBe(new(
            1, "", $"web:file: ERROR ({FileOf("a")} is not there: nothing was written on host a yet)\n"));
        Directory.CreateDirectory(FileOf("a"));
        (await Operator.RunAsync(Url, "tail", "-f", "web:file")).Error.ShouldBe(
            $"web:file: ERROR ({FileOf("a")} is no regular file: what is written there cannot be read back)\n");
    }

    [Fact]
    public async Task A_reader_sees_every_line_once_over_rotations_and_restarts_of_agent_and_control_plane()
    {
        await File.WriteAllTextAsync(FileOf("a"), "0\n");
        await using var reader = RunningProcess.Start("hactl", "tail", "-f", "web:file", "--endpoint", Url);
        await reader.LineAsync("0");
        var lines = 0;
        async Task WriteAsync()
        {
            for (var i = 0; i < 3; i++)
                await File.AppendAllTextAsync(FileOf("a"), string.Create(CultureInfo.InvariantCulture, $"line {++lines}\n"));
        }
        async Task SeenAsync() => await reader.LineAsync(string.Create(CultureInfo.InvariantCulture, $"line {lines}"));

        await WriteAsync();
        await SeenAsync();
        File.Move(FileOf("a"), FileOf("a") + ".1");
        await WriteAsync();
        await SeenAsync();

        _a.Signal(Libc.SigKill);
        await _a.UntilExited();
        await WriteAsync();
        StartAgent(_a, "a");
        await SeenAsync();

        await _plane.StopAsync();
        await _plane.DisposeAsync();
        await reader.LineAsync("trying again until Ctrl-C");
        await WriteAsync();
        File.Move(FileOf("a") + ".1", FileOf("a") + ".2");
        File.Move(FileOf("a"), FileOf("a") + ".1");
        await WriteAsync();
        _plane = await PlaneAsync();
        await reader.LineAsync($"hactl: follows {Url} again");
        await SeenAsync();

        reader.Output.Split('\n').Where(l => l.StartsWith("line", StringComparison.Ordinal))
            .ShouldBe(Enumerable.Range(1, lines).Select(i => string.Create(CultureInfo.InvariantCulture, $"line {i}")));
        reader.Signal(Libc.SigInt);
        (await reader.ExitCodeAsync()).ShouldBe(130);
    }

    [Fact]
    public async Task A_reader_follows_the_group_to_another_host_and_back()
    {
        await File.WriteAllTextAsync($"{_folder}/b-http", "old story\n");
        StartAgent(_b, "b");
        await Eventually.Until("b is ready", Limit, async () =>
            (await _plane.Admin.ListGroupsAsync(new())).Groups.Single().Backups.Single().Obstacle.Length == 0);
        await using var reader = RunningProcess.Start("hactl", "logs", "-f", "web:http", "--endpoint", Url);
        await reader.LineAsync("http | hello from a");

        await _plane.Admin.SwitchoverAsync(new() { Group = "web" });
        await reader.LineAsync("http | hello from b");
        _b.Signal(Libc.SigKill); // Its lease runs out, its programs end with it.
        await _b.UntilExited();
        await reader.LineAsync("has taken over web from b");
        await Eventually.Until("it reads a again", Limit, () => reader.Output.Split('\n').Count(l => l == "http | hello from a") == 2, () => reader.Output);

        string[] expected =
        [
            "http | hello from a", "http | bye from a", "http | hello from b", "http | hello from a",
        ];
        reader.Output.Split('\n').Where(l => l.StartsWith("http", StringComparison.Ordinal)).ShouldBe(expected);
        reader.Output.ShouldContain("hactl: host b has taken over web from a (epoch 2): what follows was written there since");
        reader.Output.ShouldContain("hactl: host a has taken over web from b (epoch 3): what follows was written there since");
    }

    [Fact]
    public async Task Who_does_not_read_holds_up_nobody_and_fills_nothing()
    {
        const int size = 64 << 20;
        await File.WriteAllTextAsync(FileOf("a"), string.Concat(Enumerable.Repeat("0123456789abcde\n", size / 16)));
        var before = ReadBytes(_a.Pid);
        using var idle = _plane.Admin.TailLogs(new() { Group = "web", Program = "file", Channel = LogChannel.Stdout, Lines = 1_000_000, Follow = true });
        await idle.ResponseStream.MoveNext(CancellationToken.None);
        await UntilItReadsNoFurtherAsync(_a.Pid);
        // Looking for the last million lines goes back over 16 MiB; what is sent is in pipes and windows along the way.
        (ReadBytes(_a.Pid) - before).ShouldBeLessThan((16 << 20) + (8 << 20));

        var (events, said) = (await EventsAsync(), _a.Lines.Count);
        var other = await Operator.RunAsync(Url, "tail", "-n", "500000", "web:file");
        other.Out.Length.ShouldBe(500_000 * 16);
        (await EventsAsync()).ShouldBe(events, "nobody has lost a lease");
        _a.Lines.Skip(said).ShouldBeEmpty("the stream went on, and nothing is worth a word");
        (await _plane.Admin.ListHostsAsync(new())).Hosts.Single(h => h.Host.Name == "a").State.ShouldBe(HostState.Live);

        OpenFiles(_a.Pid).ShouldContain(FileOf("a"));
        idle.Dispose();
        await Eventually.Until("the agent closes the file", Limit, () => !OpenFiles(_a.Pid).Contains(FileOf("a")));
    }

    [Fact]
    public async Task Readers_are_bounded_and_the_next_one_is_told()
    {
        var readers = new List<AsyncServerStreamingCall<TailLogsResponse>>();
        for (var i = 0; i < 16; i++)
        {
            var call = _plane.Admin.TailLogs(new() { Group = "web", Program = "http", Channel = LogChannel.Stdout, Follow = true });
            (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
            readers.Add(call);
        }
        var refused = await Operator.RunAsync(Url, "tail", "web:http");
        refused.Error.ShouldEndWith("cannot do it now: logs of host a are read by 16 already, which is the most at once: end one of them\n");
        refused.Code.ShouldBe(7);
        readers[0].Dispose();
        await Eventually.Until("there is room", Limit, async () => (await Operator.RunAsync(Url, "tail", "web:http")).Code == 0);
        readers.ForEach(r => r.Dispose());
    }

    [Fact]
    public async Task Another_log_file_and_one_that_comes_later_are_found()
    {
        await using var reader = RunningProcess.Start("hactl", "tail", "-f", "web:file", "--endpoint", Url);
        await Eventually.Until("the agent reads", Limit, () => Threads(_a.Pid).Contains("log reader"));
        await File.WriteAllTextAsync(FileOf("a"), "first\n");
        await reader.LineAsync("first");
        await _plane.ApplyAsync(new() { Programs = { Program("file", "/bin/sleep 1000", "moved") } });
        await reader.LineAsync($"web:file: its log is {_folder}/a-moved from now on");
        await File.AppendAllTextAsync($"{_folder}/a-moved", "second\n");
        await reader.LineAsync("second");
    }

    private string FileOf(string host) => $"{_folder}/{host}-file";

    private HaGrpc.V1.Program Program(string name, string command, string file)
    {
        var program = Models.Program("web", name);
        program.Command = command;
        program.Environment["HOST"] = "%(host_node_name)s";
        program.StopTimeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(5));
        program.StdoutLogfile = file == "NONE" ? file : $"{_folder}/%(host_node_name)s-{file}";
        return program;
    }

    private async Task<InProcessPlane> PlaneAsync()
    {
        // What another test starts holds a copy of the last one's listener until it executes its program.
        using (var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await Eventually.Until("nobody listens there any more", Limit, () =>
            {
                try
                {
                    free.Bind(IPEndPoint.Parse(_address));
                    return true;
                }
                catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
                {
                    return false;
                }
            });
        }
        return await InProcessPlane.StartLeadingAsync($"--sqlite={_folder}/plane.db", $"--listen-grpc={_address}");
    }

    private void StartAgent(RunningAgent agent, string host) => agent.Start(isolated: false,
    [
        "--host", host, "--control-plane", Url, "--run-dir", agent.RunDirectory, "--state-dir", agent.StateDirectory,
        "--shim", RunningHost.Shim,
    ]);

    private Task UntilRunningOnAsync(string host) => Eventually.Until($"all run on {host}", Limit, async () =>
        (await _plane.Admin.ListProgramsAsync(new())).Programs.All(l => l.Host == host && l.Status?.State == ProgramState.Running),
        () => string.Join('\n', _a.Lines.Concat(_b.Lines)));

    private async Task<int> EventsAsync() => (await _plane.Admin.ListEventsAsync(new() { Limit = 1000 })).Events.Count;

    /// <summary>Waits until an agent has read next to nothing during a hundred looks: the rest of it goes on beside.</summary>
    private static Task UntilItReadsNoFurtherAsync(int pid)
    {
        var (still, last) = (0, 0L);
        return Eventually.Until("the agent reads no further", Limit, () =>
        {
            var now = ReadBytes(pid);
            (still, last) = now - last > 64 << 10 ? (0, now) : (still + 1, last);
            return still == 100;
        });
    }

    private static long ReadBytes(int pid) => long.Parse(
        File.ReadLines($"/proc/{pid}/io").First(l => l.StartsWith("rchar:", StringComparison.Ordinal))["rchar:".Length..], CultureInfo.InvariantCulture);

    private static IEnumerable<string> OpenFiles(int pid) =>
        [.. Directory.GetFiles($"/proc/{pid}/fd").Select(f => new FileInfo(f).LinkTarget ?? "")];

    private static IEnumerable<string> Threads(int pid) =>
        [.. Directory.GetDirectories($"/proc/{pid}/task").Select(NameOf)];

    private static string NameOf(string thread)
    {
        try
        {
            return File.ReadAllText($"{thread}/comm", Encoding.UTF8).Trim();
        }
        catch (IOException)
        {
            return ""; // It has ended meanwhile.
        }
    }
}
