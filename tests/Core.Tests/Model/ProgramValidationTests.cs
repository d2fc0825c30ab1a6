using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class ProgramValidationTests
{
    [Theory]
    [InlineData("", "the command is missing")]
    [InlineData("   ", "the command is missing")]
    [InlineData("/bin/echo 'open", "the quote ' at position 11 is not closed")]
    public void A_command_must_split(string command, string part)
    {
        var error = Sample.Errors(Sample.Program with { Command = command }).Single();
        error.ShouldStartWith("programs[0].command: ");
        error.ShouldContain(part);
    }

    [Fact]
    public void Every_wrong_field_is_told_at_once()
    {
        var program = Sample.Program with
        {
            Directory = "srv",
            User = "no body",
            Umask = "888",
            Priority = 10000,
            StartRetries = -1,
            RestartGeneration = -1,
            ExitCodes = [0, 256],
            StopSignal = "TREM",
            StartTime = TimeSpan.FromSeconds(-1),
            StopTimeout = TimeSpan.FromDays(2),
            StdoutLogfile = "web.log",
            StderrLogfile = "/var/log/",
            StdoutLogfileMaxBytes = -1,
            StderrLogfileMaxBytes = 4095,
            StderrLogfileBackups = -1,
            LogfileMaxAge = TimeSpan.FromDays(366),
            Environment = Sample.Program.Environment.Add("A=B", "c"),
        };
        Sample.Errors(program).ShouldBe([
            "programs[0].directory: srv: must be an absolute path: it begins with a slash",
            "programs[0].user: no body: not a user's name: no colon, slash or white space (the user's groups are set by themselves)",
            "programs[0].umask: 888: must be three or four octal digits up to 0777, for example 022",
            "programs[0].environment.A=B: c: the name of a variable is not empty and has no '='",
            "programs[0].stdout_logfile: web.log: must be the absolute path of a file, or NONE",
            "programs[0].stderr_logfile: /var/log/: must be the absolute path of a file, or NONE",
            "programs[0].stdout_logfile_maxbytes: -1: must be 0 for never, or at least 4kb",
            "programs[0].stderr_logfile_maxbytes: 4095: must be 0 for never, or at least 4kb",
            "programs[0].stderr_logfile_backups: -1: must be 0 to 1000",
            "programs[0].logfile_max_age: 8784h: must be 0s for never, or 1s to 8760h",
            "programs[0].priority: 10000: must be 0 to 9999",
            "programs[0].start_retries: -1: must be 0 to 1000000",
            "programs[0].restart_generation: -1: must not be negative",
            "programs[0].exit_codes[1]: 256: must be 0 to 255",
            "programs[0].start_time: -1s: must be 0s to 24h",
            "programs[0].stop_timeout: 48h: must be 0s to 24h",
            "programs[0].stop_signal: TREM: not a signal; did you mean TERM?",
        ]);
    }

    [Fact]
    public void Control_characters_are_refused_where_they_stand_and_with_what_to_take_out()
    {
        var program = Sample.Program with
        {
            Command = "/bin/echo a\u0001b",
            Directory = "/srv\u001b[31m",
            StdoutLogfile = "/var/log/a\nb",
            StderrLogfile = "/var/log/\u0085",
            Environment = Sample.Program.Environment.Add("A\tB", "c").Add("D", "\0"),
        };
        Sample.Errors(program).ShouldBe([
            "programs[0].command: /bin/echo a\u0001b: must not contain control characters: take out U+0001 at position 12",
            "programs[0].directory: /srv\u001b[31m: must not contain control characters: take out U+001B at position 5",
            "programs[0].environment.A\tB: c: the name of a variable must not contain control characters: take out the tab at position 2",
            "programs[0].environment.D: \0: a variable's value cannot contain a zero byte",
            "programs[0].stdout_logfile: /var/log/a\nb: must not contain control characters: take out the line break at position 11",
            "programs[0].stderr_logfile: /var/log/\u0085: must not contain control characters: take out U+0085 at position 10",
        ], ignoreOrder: true);
        Sample.Errors(new ModelSet([new("a", "rack\u007f")], [], [])).ShouldBe(
            ["hosts[0].description: rack\u007f: must not contain control characters: take out U+007F at position 5"]);
    }

    [Fact]
    public void A_command_may_stand_on_several_lines_and_a_variable_may_hold_what_it_likes() =>
        Sample.Errors(Sample.Program with
        {
            Command = "/bin/echo a\n\tb\r\n",
            Environment = Sample.Program.Environment.Add("PS1", "\u001b[31m$ \n"),
        }).ShouldBeEmpty();

    [Theory]
    [InlineData(0.005, 60, "programs[0].backoff.initial: 5ms: must be 10ms to 1h")]
    [InlineData(3601, 7200, "programs[0].backoff.initial: 1h1s: must be 10ms to 1h")]
    [InlineData(2, 1, "programs[0].backoff.longest: 1s: must be 2s, the first wait, to 24h")]
    [InlineData(2, 90000, "programs[0].backoff.longest: 25h: must be 2s, the first wait, to 24h")]
    public void Waits_have_bounds(double initial, double longest, string expected) =>
        Sample.Errors(Sample.Program with { Backoff = new(TimeSpan.FromSeconds(initial), TimeSpan.FromSeconds(longest)) }).ShouldBe([expected]);

    [Theory]
    [InlineData("SIGTERM", "did you mean TERM?")]
    [InlineData("9", "a name without SIG")]
    public void A_signal_is_a_name_without_SIG(string signal, string part) =>
        Sample.Errors(Sample.Program with { StopSignal = signal }).Single().ShouldContain(part);

    [Theory]
    [InlineData("1000", true)]
    [InlineData("4294967295", false)]
    [InlineData("www-data", true)]
    [InlineData("apps:apps", false)]
    public void A_user_is_a_name_or_a_number(string user, bool right) =>
        Sample.Errors(Sample.Program with { User = user }).IsEmpty.ShouldBe(right);

    [Fact]
    public void Every_wrong_limit_is_told_at_once()
    {
        var program = Sample.Program with
        {
            Limits = new()
            {
                Rlimits = ImmutableSortedDictionary<string, ResourceLimit>.Empty
                    .Add("nofile", new(20, 10)).Add("nofiles", new(1, 1)).Add("core", new(-1, null)).Add("stack", new(null, null)),
                Nice = 20,
                OomScoreAdj = -1001,
                Memory = 1000,
                MemorySwap = -1,
                CpuMillis = 9,
                Pids = 0,
            },
        };
        Sample.Errors(program).ShouldBe([
            "programs[0].limits.rlimits.core: -1:unlimited: must not be negative; write unlimited for no limit",
            "programs[0].limits.rlimits.nofile: 20:10: the soft limit must not be above the hard one: write soft:hard",
            "programs[0].limits.rlimits.nofiles: 1: no limit of that name; did you mean nofile?",
            "programs[0].limits.nice: 20: must be -20 to 19",
            "programs[0].limits.oom_score_adj: -1001: must be -1000 to 1000",
            "programs[0].limits.memory: 1000: must be at least 1mb: hardly anything starts with less",
            "programs[0].limits.memory_swap: -1: must not be negative; 0 means no swap",
            "programs[0].limits.cpu: 9 thousandths of a core: must be 1% to 100000%, 100% being one core",
            "programs[0].limits.pids: 0: must be 1 to 4194304",
        ]);
        Sample.Errors(program with { Limits = new() }).ShouldBeEmpty();
    }
}
