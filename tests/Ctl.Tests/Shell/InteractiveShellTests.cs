using HaGrpc.Ctl.Shell;
using HaGrpc.Ctl.Tests.Commands;

namespace HaGrpc.Ctl.Tests.Shell;

public sealed class InteractiveShellTests
{
    [Fact]
    public async Task Lines_are_command_lines_and_the_highest_exit_code_counts()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnPrograms = request => new() { Unmatched = { request.Selectors } };
        var run = await FakeControlPlane.RunAtAsync(plane.Url, "hosts\n\n# a note\nstatus 'no pe'\nversion\nexit\nhosts\n", "shell");
        run.Out.ShouldContain("no pe: ERROR (no such group)");
        run.Code.ShouldBe(4);
        plane.Admin.Asked.OfType<HaGrpc.V1.ListHostsRequest>().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Options_of_the_shell_count_for_each_line()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "hosts\nhosts\n", "--endpoint", plane.Url, "-o", "json", "shell");
        (run.Code, run.Error).ShouldBe((0, ""));
        run.Out.ShouldBe("{\n  \"hosts\": []\n}\n{\n  \"hosts\": []\n}\n");
    }

    [Theory]
    [InlineData("fg web:http", "tail -f GROUP:PROGRAM")]
    [InlineData("shutdown", "there is no switch that stops everything")]
    [InlineData("reread", "diff -f FILE")]
    [InlineData("maintail -f", "events -f")]
    [InlineData("signal HUP web:http", "restart GROUP:PROGRAM")]
    [InlineData("shell", "this is the shell")]
    [InlineData("status 'open", "the quote ' at position 8 is not closed")]
    [InlineData("stat", "'stat' is no command; did you mean status?")]
    [InlineData("hosts --nope", "try 'help' or 'help COMMAND'")]
    public async Task What_is_not_there_is_told_with_what_is(string line, string told)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await FakeControlPlane.RunAtAsync(plane.Url, line + "\n", "shell");
        run.Error.ShouldContain(told);
        run.Code.ShouldBe(2);
        plane.Admin.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_no_cursor_can_be_moved_there_is_a_prompt_all_the_same()
    {
        using var typed = new StringReader("nope\n");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var dumb = FakeControlPlane.Nobody() with { In = typed, Out = output, Error = error, IsTerminal = true, IsAnswering = true };
        (await Hactl.RunAsync(["shell"], dumb, TestContext.Current.CancellationToken)).ShouldBe(0);
        output.ToString().ReplaceLineEndings("\n").ShouldBe("Commands as of hactl; help lists them, exit or Ctrl-D ends.\nhactl> hactl> ");
        error.ToString().ShouldStartWith("hactl: 'nope' is no command");
    }

    [Fact]
    public async Task Help_is_that_of_the_command()
    {
        var run = await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "help status\nhelp\n?\n", "shell");
        run.Out.ShouldContain("Show programs: state, pid, uptime, host.");
        run.Out.ShouldContain("control-planes");
        run.Code.ShouldBe(0);
    }

    [Fact]
    public void History_is_its_owners_and_nobody_elses()
    {
        var folder = Directory.CreateTempSubdirectory("hactl-history-");
        try
        {
            var path = History.PathOf(name => name == "XDG_STATE_HOME" ? folder.FullName : null)!;
            path.ShouldBe(Path.Combine(folder.FullName, "hagrpc", "history"));
            var history = new History(path);
            history.Add("status");
            history.Add("status");
            history.Add(" secret");
            history.Add("stop web:http --reason 'disk'");
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.ReadAllText(path).ShouldBe("status\nstop web:http --reason 'disk'\n");
            new History(path).Lines.ShouldBe(["status", "stop web:http --reason 'disk'"]);

            // One that others could read is closed to them.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            new History(path).Add("hosts");
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            for (var i = 0; i < 1100; i++)
                history.Add($"line {i}");
            history.Lines.Count.ShouldBe(1000);
            new History(path).Lines[^1].ShouldBe("line 1099");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void History_is_kept_below_the_home_or_not_at_all()
    {
        History.PathOf(name => name == "HOME" ? "/h/x" : null).ShouldBe("/h/x/.local/state/hagrpc/history");
        History.PathOf(name => name == "XDG_STATE_HOME" ? "relative" : null).ShouldBeNull();
        var none = new History(null);
        none.Add("status");
        none.Lines.ShouldBe(["status"]);
        new History("/proc/nope/history").Add("status");
    }
}
