using System.Diagnostics;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>What a program finds when it begins.</summary>
public sealed class ExecutionTests : IAsyncDisposable
{
    private readonly RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task It_has_the_user_with_all_groups_of_that_user_and_nobody_elses()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "changing the user takes root");
        var account = UserWithMostGroups();
        var said = await SaidBy("id -u; id -g; id -G; umask", p => p with { User = account, Umask = "027" });
        said.ShouldBe([Command("id", "-u", account), Command("id", "-g", account), Command("id", "-G", account), "0027"]);
        said[0].ShouldNotBe("0");
    }

    [Fact]
    public async Task It_has_its_environment_directory_and_umask()
    {
        Environment.SetEnvironmentVariable("HA_AGENT_LOG__LEVEL", "information");
        Environment.SetEnvironmentVariable("HA_TEST_GIVEN", "agent");
        var said = await SaidBy(
            "echo \"$SPACED\"; echo $HA_TEST_GIVEN$HA_AGENT_LOG__LEVEL; echo $SUPERVISOR_PROCESS_NAME $SUPERVISOR_GROUP_NAME; pwd; umask",
            p => p with
            {
                Directory = "/usr",
                Umask = "077",
                Environment = p.Environment.Add("SPACED", "a  b=c").Add("HA_TEST_GIVEN", "program"),
            });
        said.ShouldBe(["a  b=c", "program", "said web", "/usr", "0077"]);
    }

    [Fact]
    public async Task It_has_nothing_of_what_a_service_manager_told_the_agent_of_itself_and_what_is_configured_all_the_same()
    {
        // What systemd 254 was seen to give a service; a program that believed one of them would speak for the agent, or watch its cgroup.
        string[] told =
        [
            "INVOCATION_ID", "JOURNAL_STREAM", "LISTEN_FDS", "LISTEN_PID", "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE", "NOTIFY_SOCKET",
            "SYSTEMD_EXEC_PID", "WATCHDOG_PID", "WATCHDOG_USEC",
        ];
        foreach (var name in told)
            Environment.SetEnvironmentVariable(name, "/agents-own");
        try
        {
            var said = await SaidBy(
                "env | grep agents-own; echo $INVOCATION_ID", p => p with { Environment = p.Environment.Add("INVOCATION_ID", "configured") });
            said.ShouldBe(["configured"]);
        }
        finally
        {
            foreach (var name in told)
                Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Fact]
    public async Task It_leads_a_session_and_a_process_group_of_its_own_with_no_descriptor_but_three()
    {
        var sleepers = new Sleepers();
        _host.Run(RunningHost.Define("led", sleepers.Command));
        var running = await _host.UntilRunning("led");
        var stat = await File.ReadAllTextAsync($"/proc/{running.Pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        fields[2].ShouldBe($"{running.Pid}", "process group");
        fields[3].ShouldBe($"{running.Pid}", "session");
        await Eventually.Until("sleep is executed", TimeSpan.FromSeconds(60), () => sleepers.Alive().Length == 1);
        Directory.GetFiles($"/proc/{running.Pid}/fd").Select(Path.GetFileName).ShouldBe(["0", "1", "2"], ignoreOrder: true);
        var status = await File.ReadAllLinesAsync($"/proc/{running.Pid}/status");
        status.ShouldContain("SigBlk:\t0000000000000000", "no signal is blocked");
        status.ShouldContain("SigIgn:\t0000000000001000", "none is ignored but SIGPIPE, as under Supervisor");
    }

    [Fact]
    public async Task A_command_is_searched_on_the_PATH_of_its_own_environment_as_Supervisor_does()
    {
        var (bin, other) = (Directory.CreateDirectory(At("bin")).FullName, Directory.CreateDirectory(At("other")).FullName);
        _ = Executable.Write($"{bin}/only-here", "#!/bin/sh\nexec sleep 1000\n");
        // What cannot be executed is no reason to stop searching.
        File.CreateSymbolicLink($"{other}/only-here", At("nowhere"));
        _host.Run(
            RunningHost.Define("own", "only-here") with { Environment = Path($"{other}:{bin}:%(ENV_PATH)s") },
            RunningHost.Define("agents", "only-here") with { StartRetries = 0 },
            RunningHost.Define("link", "only-here") with { StartRetries = 0, Environment = Path(other) },
            RunningHost.Define("direct", $"{other}/only-here") with { StartRetries = 0 });
        _ = await _host.UntilRunning("own");
        (await _host.Until("agents", p => p.State == ProgramState.Fatal)).Detail
            .ShouldBe("can't find command 'only-here' in any folder of the agent's PATH: No such file or directory (errno 2)");
        (await _host.Until("link", p => p.State == ProgramState.Fatal)).Detail
            .ShouldBe($"can't find command 'only-here' in any folder of its environment's PATH '{other}': No such file or directory (errno 2)");
        (await _host.Until("direct", p => p.State == ProgramState.Fatal)).Detail
            .ShouldBe($"command '{other}/only-here' is a link to '{At("nowhere")}', which is not there: No such file or directory (errno 2)");

        static System.Collections.Immutable.ImmutableSortedDictionary<string, string> Path(string folders) =>
            System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("PATH", folders);
    }

    [Fact]
    public async Task A_command_with_line_breaks_in_its_name_and_one_that_is_too_long_are_told_as_any_other()
    {
        _host.Run(
            RunningHost.Define("breaks", "'/no\nstate=running\nprogram=1:1\nend='"),
            RunningHost.Define("long", $"/{new string('p', 5000)}"),
            RunningHost.Define("much", $"/bin/echo {new string('x', 140_000)}"));
        (await _host.Until("breaks", p => p.State == ProgramState.Fatal)).Detail
            .ShouldBe("can't find command '/no state=running program=1:1 end=': No such file or directory (errno 2)");
        (await _host.Until("long", p => p.State == ProgramState.Fatal)).Detail
            .ShouldBe($"couldn't exec '/{new string('p', 255)}…': File name too long (errno 36)");
        (await _host.Until("much", p => p.State == ProgramState.Fatal)).Detail
            .ShouldStartWith("can't exec '/bin/echo': Argument list too long (errno 7); one argument");
    }

    [Fact]
    public async Task A_relative_commands_failure_is_told_from_the_directory_that_it_was_executed_in()
    {
        _ = Executable.Write(At("rel.sh"), "#!/no/such/interpreter\n");
        _host.Run(RunningHost.Define("rel", "./rel.sh") with { Directory = _host.Scratch, StartRetries = 0 });
        (await _host.Until("rel", p => p.State == ProgramState.Fatal)).Detail
            .ShouldBe("the interpreter or loader of './rel.sh' is missing: No such file or directory (errno 2)");
    }

    [Fact]
    public async Task Its_input_is_open_and_empty_as_Supervisors_so_that_what_reads_it_stays()
    {
        _host.Run(
            RunningHost.Define("reader", "/bin/cat"),
            RunningHost.Define("opens", RunningHost.Sh("exec cat < /dev/stdin")) with { User = Environment.IsPrivilegedProcess ? "nobody" : "" });
        foreach (var name in (string[])["reader", "opens"])
        {
            var running = await _host.UntilRunning(name);
            new FileInfo($"/proc/{running.Pid}/fd/0").LinkTarget!.ShouldStartWith("pipe:");
        }
        // What its shim has to keep open for that must outlive the agent.
        await _host.AgentDies();
        _host.AgentComesBack();
        await _host.Host.AdoptAsync();
        (await _host.UntilRunning("reader")).Detail.ShouldBe("");
        _host.History.Select(p => p.State).ShouldBeSubsetOf([ProgramState.Stopped, ProgramState.Starting, ProgramState.Running]);
    }

    [Fact]
    public async Task What_a_wrapper_wraps_has_its_time_to_stop_too_when_the_whole_group_is_asked()
    {
        // The wrapper dies of the signal at once, as most do; what it wraps writes its data first, for as long as the test wants.
        await File.WriteAllTextAsync(At("wrapped.sh"), $"""
            trap 'echo flushing; until [ -e {At("may-end")} ]; do sleep 0.02; done; echo flushed; exit 0' TERM
            echo up
            while :; do sleep 0.02; done
            """);
        var program = RunningHost.Define("wrapper", RunningHost.Sh($"sh {At("wrapped.sh")}; true")) with
        {
            StdoutLogfile = At("said"),
            StopAsGroup = true,
            StopTimeout = TimeSpan.FromMinutes(5),
        };
        _host.Run(program);
        _ = await _host.UntilRunning("wrapper");
        await Said("up");
        _host.Host.Configure([program with { DesiredState = DesiredState.Stopped }]);
        await Said("up flushing");
        await File.WriteAllTextAsync(At("may-end"), "");
        _ = await _host.Until("wrapper", p => p.State == ProgramState.Stopped);
        (await File.ReadAllTextAsync(At("said"))).ShouldBe("up\nflushing\nflushed\n");

        Task Said(string words) => Eventually.Until(
            words, TimeSpan.FromSeconds(60), () => string.Join(' ', File.ReadAllLines(At("said"))) == words);
    }

    [Fact]
    public async Task What_leaves_the_group_that_was_asked_and_what_does_not_heed_it_is_killed()
    {
        var sleepers = new Sleepers();
        var program = RunningHost.Define("wrapper", RunningHost.Sh($"setsid {sleepers.Command} & (trap \"\" TERM; {sleepers.Command}) & {sleepers.Command}; true")) with
        {
            StopAsGroup = true,
            StopTimeout = TimeSpan.FromMilliseconds(200),
        };
        _host.Run(program);
        _ = await _host.UntilRunning("wrapper");
        await sleepers.Are(3);
        _host.Host.Configure([program with { DesiredState = DesiredState.Stopped }]);
        _ = await _host.Until("wrapper", p => p.State == ProgramState.Stopped);
        await sleepers.AreGone();
    }

    [Fact]
    public async Task Output_is_appended_to_its_files_and_standard_error_goes_where_it_is_told()
    {
        var (both, apart, none) = (At("both"), At("apart"), At("none"));
        await File.WriteAllTextAsync(both, "before\n");
        var script = RunningHost.Sh("echo out; echo err >&2");
        _host.Run(
            RunningHost.Define("joined", script) with { StdoutLogfile = both, StderrLogfile = none, RedirectStderr = true, Restart = Never },
            RunningHost.Define("split", script) with { StdoutLogfile = At("out"), StderrLogfile = apart, Restart = Never },
            RunningHost.Define("silent", script) with { Restart = Never });
        foreach (var name in (string[])["joined", "split", "silent"])
            (await _host.Until(name, p => p.State == ProgramState.Exited)).ExitStatus.ShouldBe(0);
        (await File.ReadAllTextAsync(both)).ShouldBe("before\nout\nerr\n");
        (await File.ReadAllTextAsync(At("out"))).ShouldBe("out\n");
        (await File.ReadAllTextAsync(apart)).ShouldBe("err\n");
        File.Exists(none).ShouldBeFalse("a redirected standard error has no file");
        File.GetUnixFileMode(At("out")).ShouldBe((UnixFileMode)0b110_100_100, "people read logs");
    }

    [Theory]
    [InlineData("/no/such/command", "can't find command '/no/such/command': No such file or directory (errno 2)")]
    [InlineData("no-such-command-anywhere", "can't find command 'no-such-command-anywhere' in any folder of the agent's PATH: No such file or directory (errno 2)")]
    [InlineData("/usr", "command at '/usr' is a directory: Permission denied (errno 13)")]
    [InlineData("/etc/passwd", "command at '/etc/passwd' is not executable: Permission denied (errno 13)")]
    public async Task A_command_that_cannot_be_executed_is_fatal_and_says_path_and_errno(string command, string detail)
    {
        _host.Run(RunningHost.Define("missing", command));
        (await _host.Until("missing", p => p.State == ProgramState.Fatal)).Detail.ShouldBe(detail);
    }

    [Fact]
    public async Task What_else_is_missing_is_named_too_and_the_state_before_the_last_try_is_backoff()
    {
        _host.Run(
            RunningHost.Define("directory", "/bin/true") with { Directory = "/no/such/directory" },
            RunningHost.Define("log", "/bin/true") with { StdoutLogfile = "/no/such/log", StartRetries = 1 },
            RunningHost.Define("user", "/bin/true") with { User = "no-such-user" });
        (await _host.Until("directory", p => p.State == ProgramState.Fatal)).Detail
            .ShouldBe("can't change to directory '/no/such/directory': No such file or directory (errno 2)");
        (await _host.Until("user", p => p.State == ProgramState.Fatal)).Detail.ShouldBe("no such user 'no-such-user' on this host");
        (await _host.Until("log", p => p.State == ProgramState.Fatal)).Detail
            .ShouldBe("can't open stdout_logfile '/no/such/log': No such file or directory (errno 2)");
        _host.History.Where(p => p.Name.Name == "log").Select(p => p.State)
            .ShouldBe([ProgramState.Starting, ProgramState.Backoff, ProgramState.Starting, ProgramState.Fatal]);
    }

    private static HaGrpc.Core.Model.RestartPolicy Never => HaGrpc.Core.Model.RestartPolicy.Never;

    private string At(string name) => Path.Combine(_host.Scratch, name);

    private async Task<string[]> SaidBy(string script, Func<HaGrpc.Core.Model.Program, HaGrpc.Core.Model.Program> with)
    {
        var program = RunningHost.Define("said", RunningHost.Sh(script)) with { StdoutLogfile = At("said"), Restart = Never };
        _host.Run(with(program));
        (await _host.Until("said", p => p.State == ProgramState.Exited)).ExitStatus.ShouldBe(0);
        return await File.ReadAllLinesAsync(At("said"));
    }

    private static string UserWithMostGroups() =>
        File.ReadAllLines("/etc/passwd").Select(line => line.Split(':')).Where(user => user[2] != "0")
            .Select(user => user[0]).MaxBy(user => Command("id", "-G", user).Split(' ').Length)!;

    private static string Command(string name, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return said.TrimEnd('\n');
    }
}
