using System.Diagnostics;
using System.Text;
using HaGrpc.Ctl.Tests.Commands;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Shell;

/// <summary>hactl as a process at a pseudo terminal, which script(1) makes.</summary>
public sealed class TerminalTests
{
    [Fact]
    public async Task The_shell_edits_completes_remembers_and_survives_Ctrl_C()
    {
        var state = Directory.CreateTempSubdirectory("hactl-terminal-");
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnHosts = () => new() { Hosts = { new HostStatus { Host = new() { Name = "alpha" }, State = HostState.Live } } };
        plane.Admin.OnGroups = () => new() { Groups = { new GroupStatus { Group = new() { Name = "web" }, Phase = "Owned" } } };
        try
        {
            using var terminal = new Script(plane.Url, state.FullName, "shell");
            await terminal.UntilAsync("hactl> ");
            terminal.Type("hosx\x7fts\r");
            await terminal.UntilAsync("\x1b[32mlive");
            // Tab: the command, and a live name.
            terminal.Type("gro\t");
            await terminal.UntilAsync("hactl> groups ");
            terminal.Type("w\t\r");
            await terminal.UntilAsync("\x1b[32mOwned");
            // A command that waits: Ctrl-C ends it, and not the shell.
            terminal.Type("events -f\r");
            await terminal.UntilAsync("trying again until Ctrl-C");
            terminal.Type("\x03");
            await terminal.UntilAsync("hactl> ");
            // Ctrl-C at the prompt gives a line up; the arrow brings back an older one.
            terminal.Type("half\x03");
            await terminal.UntilAsync("^C");
            terminal.Type("\x1b[A\x1b[A\x1b[A");
            await terminal.UntilAsync("hactl> hosts");
            terminal.Type("\r");
            await terminal.UntilAsync("\x1b[32mlive");
            terminal.Type("\x04");
            (await terminal.EndAsync()).ShouldBe(0);
            File.ReadAllText(Path.Combine(state.FullName, "hagrpc", "history")).ShouldBe("hosts\ngroups web \nevents -f\nhosts\n");
            // One connection was kept: all commands came over it.
            plane.Admin.Peers.Distinct().Count().ShouldBe(1);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task In_the_shell_Ctrl_C_is_an_answer_and_pasted_lines_are_lines()
    {
        var state = Directory.CreateTempSubdirectory("hactl-terminal-");
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Guard.OnPreview = _ => new() { Act = "stop-group", Name = "web", Demand = GuardDemand.Confirm, DemandedBy = "a test", Confirmation = "sealed" };
        try
        {
            using var terminal = new Script(plane.Url, state.FullName, "shell");
            await terminal.UntilAsync("hactl> ");
            terminal.Type("stop web\r");
            await terminal.UntilAsync("Type web to go on: ");
            terminal.Type("\x03");
            await terminal.UntilAsync("not confirmed: nothing was done");
            await terminal.UntilAsync("hactl> ");
            terminal.Type("version\nversion\nexit\n");
            (await terminal.EndAsync()).ShouldBe(0);
            File.ReadAllText(Path.Combine(state.FullName, "hagrpc", "history")).ShouldBe("stop web\nversion\nexit\n");
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_command_a_terminal_gets_the_help()
    {
        using var terminal = new Script("http://127.0.0.1:1", "/nonexistent");
        await terminal.UntilAsync("switchover <GROUP>");
        (await terminal.EndAsync()).ShouldBe(0);
    }

    private sealed class Script : IDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _seen = new();

        internal Script(string url, string state, params string[] arguments)
        {
            var command = $"stty cols 100 rows 30; exec {Environment.ProcessPath} {Hactl} {string.Join(' ', arguments)}";
            var start = new ProcessStartInfo("script", ["-qefc", command, "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var (name, value) in new[] { ("HACTL_ENDPOINT", url), ("XDG_STATE_HOME", state), ("TERM", "xterm"), ("HACTL_CONFIG", "/nonexistent"), ("LC_ALL", "C.UTF-8"), ("SHELL", "/bin/sh") })
                start.Environment[name] = value;
            start.Environment.Remove("NO_COLOR");
            _process = Process.Start(start)!;
        }

        // From its own output: beside the tests, assemblies that the tests have from their framework are left out.
        private static string Hactl { get; } = Path.GetFullPath(Path.Combine(
            AppContext.BaseDirectory, "../../../../../src/Ctl/bin", Path.GetFileName(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, ".."))), "net10.0/hactl.dll"));

        internal void Type(string keys)
        {
            _seen.Clear();
            _process.StandardInput.Write(keys);
            _process.StandardInput.Flush();
        }

        /// <summary>Waits until something is shown after what was typed last.</summary>
        internal async Task UntilAsync(string text)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var buffer = new char[4096];
            while (!_seen.ToString().Contains(text, StringComparison.Ordinal))
            {
                try
                {
                    var count = await _process.StandardOutput.ReadAsync(buffer, limit.Token);
                    count.ShouldBeGreaterThan(0, $"it ended before '{text}': {_seen}");
                    _seen.Append(buffer, 0, count);
                }
                catch (OperationCanceledException)
                {
                    _seen.ToString().ShouldContain(text);
                }
            }
        }

        internal async Task<int> EndAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await _process.StandardOutput.ReadToEndAsync(limit.Token);
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }
    }
}
