using System.Collections.Immutable;
using HaGrpc.Contracts;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Import;

/// <summary>Each option of a program, and what programs have from supervisord.</summary>
public sealed class SupervisorOptionTests
{
    private const string Logs = "stdout_logfile=NONE\nstderr_logfile=off\n";

    [Fact]
    public void Everything_that_can_be_said_arrives()
    {
        var run = ImportedFiles.Supervisor("""
            [program:web]
            command=/bin/web --port 80%(process_num)02d
            process_name=%(program_name)s_%(process_num)02d
            numprocs=2
            numprocs_start=4
            priority=5
            autostart=no
            autorestart=TRUE
            startsecs=5
            startretries=9
            exitcodes=0, 2
            stopsignal=SIGUSR1
            stopwaitsecs=90
            stopasgroup=true
            killasgroup=true
            user=apps
            umask=027
            directory=/srv/web
            redirect_stderr=false
            stdout_logfile=/var/log/%(program_name)s-%(process_num)d.log
            stdout_logfile_maxbytes=1024MB
            stdout_logfile_backups=3
            stdout_capture_maxbytes=0
            stdout_events_enabled=false
            stdout_syslog=false
            stderr_logfile=/var/log/%(program_name)s-%(process_num)d.err
            stderr_logfile_maxbytes=0
            stderr_logfile_backups=0
            environment=MODE="production"
            serverurl=AUTO
            """);
        run.Lost.ShouldBeEmpty();
        run.Program.ToProto().ShouldBe(new Program
        {
            Name = new("programs", "web"),
            Command = "/bin/web --port 80%(process_num)02d",
            ProcessName = "%(program_name)s_%(process_num)02d",
            NumProcs = 2,
            NumProcsStart = 4,
            Priority = 5,
            Autostart = false,
            DesiredState = DesiredState.Stopped,
            Restart = RestartPolicy.Always,
            StartTime = TimeSpan.FromSeconds(5),
            StartRetries = 9,
            ExitCodes = [0, 2],
            StopSignal = "USR1",
            StopTimeout = TimeSpan.FromSeconds(90),
            StopAsGroup = true,
            User = "apps",
            Umask = "027",
            Directory = "/srv/web",
            StdoutLogfile = "/var/log/%(program_name)s-%(process_num)d.log",
            StdoutLogfileMaxBytes = 1L << 30,
            StdoutLogfileBackups = 3,
            StderrLogfile = "/var/log/%(program_name)s-%(process_num)d.err",
            StderrLogfileMaxBytes = 0,
            StderrLogfileBackups = 0,
            Environment = ImmutableSortedDictionary<string, string>.Empty.Add("MODE", "production"),
        }.ToProto());
    }

    [Theory]
    [InlineData("autorestart=false", RestartPolicy.Never)]
    [InlineData("autorestart=unexpected", RestartPolicy.Unexpected)]
    [InlineData("autorestart=1", RestartPolicy.Always)]
    [InlineData("", RestartPolicy.Unexpected)]
    public void A_restart_is_a_word(string line, RestartPolicy expected) => Run(line).Program.Restart.ShouldBe(expected);

    [Theory]
    [InlineData("TERM", "TERM")]
    [InlineData("sigint", "INT")]
    [InlineData("15", "TERM")]
    [InlineData("10", "USR1")]
    [InlineData("SIGRTMIN", "RTMIN")]
    [InlineData("64", "RTMAX")]
    public void A_signal_is_a_name(string there, string here) => Run($"stopsignal={there}").Program.StopSignal.ShouldBe(here);

    [Theory]
    [InlineData("autostart=maybe", "autostart: maybe: not true or false")]
    [InlineData("startsecs=1s", "startsecs: 1s: not a whole number; Supervisor does not start with it, 1 is taken")]
    [InlineData("stopsignal=NOPE", "stopsignal: NOPE: not a signal's name or number")]
    [InlineData("umask=999", "umask: 999: not an octal umask")]
    [InlineData("exitcodes=0,x", "exitcodes: 0,x: not a list of whole numbers")]
    [InlineData("exitcodes=0,256", "exitcodes: 256: must be 0 to 255; left out")]
    [InlineData("stopwaitsecs=999999", "stopwaitsecs: 999999: must be 0 to 86400 here; 86400 is written")]
    [InlineData("priority=-1", "priority: -1: priorities are 0 to 9999 here; 0 is written")]
    [InlineData("numprocs=%(ENV_COUNT)s", "numprocs: %(ENV_COUNT)s: %(ENV_COUNT)s has no value on this host")]
    [InlineData("killasgroup=false", "killasgroup: false: whatever a program has started is always killed with it")]
    [InlineData("serverurl=http://x:1", "serverurl: http://x:1: programs are not told")]
    [InlineData("stdout_syslog=true", "stdout_syslog: nothing goes to syslog from here")]
    [InlineData("stdout_capture_maxbytes=1MB", "stdout_capture_maxbytes: 1MB: it is for event listeners")]
    [InlineData("stderr_events_enabled=on", "stderr_events_enabled: it is for event listeners")]
    [InlineData("numprocs=1001\nprocess_name=%(process_num)d", "numprocs: 1001: must be 1 to 1000 here; 1000 is written")]
    [InlineData("stdout_logfile_backups=5000", "stdout_logfile_backups: 5000: must be 0 to 1000 here; 1000 is written")]
    [InlineData("directory=relative", "directory: relative: must be an absolute path: it begins with a slash; left out")]
    [InlineData("user=%(ENV_WHO)s", "user: %(ENV_WHO)s: %(ENV_WHO)s has no value on this host")]
    public void What_cannot_be_carried_over_is_told_with_its_line(string line, string message)
    {
        var run = Run(line);
        run.Program.Command.ShouldBe("/bin/p");
        run.Lost.ShouldContain(lost => lost.StartsWith($"supervisord.conf:5: [program:p] {message}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_whose_user_is_wrong_does_not_run_as_somebody_else()
    {
        var run = ImportedFiles.Supervisor($"[program:p]\ncommand=/bin/p\nuser=a b\n{Logs}[program:q]\ncommand=/bin/q\nuser=%(ENV_WHO)s\n{Logs}");
        (run.Program.Name.Name, run.Program.User).ShouldBe(("q", "%(ENV_WHO)s"));
        run.Lost[0].ShouldStartWith("supervisord.conf:3: [program:p] user: a b: not a user's name");
        run.Lost[0].ShouldEndWith("; the whole program is left out");
    }

    [Fact]
    public void A_program_has_from_supervisord_what_its_children_had()
    {
        var run = ImportedFiles.Supervisor("""
            [supervisord]
            user=apps
            umask=002
            directory=/srv
            minfds=65535
            minprocs=200
            childlogdir=/var/log/supervisor
            environment=A="1",B="2"
            nodaemon=true

            [program:p]
            command=/bin/p
            environment=B="%(ENV_A)s%(ENV_HOME)s"
            stdout_logfile=p.log
            """);
        run.Lost.ShouldBeEmpty();
        (run.Program.User, run.Program.Umask, run.Program.Directory).ShouldBe(("apps", "002", "/srv"));
        run.Program.Environment.ShouldBe([new("A", "1"), new("B", "1%(ENV_HOME)s")], ignoreOrder: true);
        run.Program.Limits!.Rlimits["nofile"].ShouldBe(new(65535, 65535));
        run.Notes.ShouldContain(note => note.StartsWith("supervisord.conf:5: [supervisord] minfds: supervisord raised what was lower", StringComparison.Ordinal));
        run.Program.StdoutLogfile.ShouldBe("/srv/p.log");
        run.Program.StderrLogfile.ShouldBe("/var/log/supervisor/p-stderr.log");
        run.Notes.ShouldContain("supervisord.conf:9: [supervisord] nodaemon: is about supervisord itself; the agent has options of its own");
    }

    [Fact]
    public void Defaults_that_differ_are_written_out_and_those_that_do_not_are_not()
    {
        var run = ImportedFiles.Supervisor($"[program:p]\ncommand=/bin/p\nautostart=true\nstartsecs=1\nstartretries=3\nstopwaitsecs=10\npriority=999\n{Logs}");
        run.Text.ShouldEndWith("    programs:\n      - name: p\n        command: /bin/p\n        umask: 022\n");
        run.Notes.ShouldContain(note => note.Contains("no directory is named", StringComparison.Ordinal));
    }

    [Fact]
    public void Automatic_log_files_of_nobody_knows_where_are_told()
    {
        var run = ImportedFiles.Supervisor("[program:p]\ncommand=/bin/p\nredirect_stderr=true\n");
        run.Program.StdoutLogfile.ShouldBe("NONE");
        run.Lost.ShouldHaveSingleItem().ShouldStartWith("supervisord.conf:1: [program:p] stdout_logfile: AUTO was a file of a random name");
    }

    [Fact]
    public void Automatic_logs_without_a_directory_go_where_the_operator_says()
    {
        var run = ImportedFiles.Supervisor(
            "[program:p]\ncommand=/bin/p\n[program:q]\ncommand=/bin/q\nstdout_logfile=AUTO\nstderr_logfile=NONE\n",
            ImportedFiles.Alone with { LogDirectory = "/var/log/ha/" });
        run.Lost.ShouldBeEmpty();
        run.Programs.Select(p => (p.StdoutLogfile, p.StderrLogfile)).ShouldBe(
            [("/var/log/ha/p-stdout.log", "/var/log/ha/p-stderr.log"), ("/var/log/ha/q-stdout.log", "NONE")]);
        run.Notes.ShouldContain(note => note.Contains("a fixed name in --log-dir, mode 0644 instead of 0600"));
    }

    [Fact]
    public void Several_processes_have_an_automatic_log_each()
    {
        var run = ImportedFiles.Supervisor("""
            [supervisord]
            childlogdir=/var/log
            [program:p]
            command=/bin/p
            numprocs=2
            process_name=%(program_name)s_%(process_num)d
            redirect_stderr=true
            stderr_logfile=/x
            """);
        run.Lost.ShouldBeEmpty();
        run.Program.StdoutLogfile.ShouldBe("/var/log/p_%(process_num)d-stdout.log");
        run.Program.RedirectStderr.ShouldBeTrue();
        run.Notes.ShouldContain("supervisord.conf:8: [program:p] stderr_logfile: redirect_stderr makes Supervisor ignore it");
    }

    [Fact]
    public void Expansions_mean_what_they_meant()
    {
        using var files = new ImportedFiles();
        var file = files.Write("supervisord.conf", $"""
            [program:p]
            command=%(here)s/run %(group_name)s %(host_node_name)s %(ENV_HOME)s 5% x
            user=%(program_name)s
            process_name=%(host_node_name)s-p
            {Logs}
            """);
        var run = files.ImportSupervisor(null, file);
        run.Program.Command.ShouldBe($"{files.Root}/run p %%(host_node_name)s %%(ENV_HOME)s 5%% x");
        run.Program.User.ShouldBe("p");
        run.Program.ProcessName.ShouldBe("a-p");
        run.Lost.ShouldContain(lost => lost.StartsWith("supervisord.conf:2: [program:p] command: the % at position", StringComparison.Ordinal));
        run.Notes.ShouldContain(note => note.StartsWith($"supervisord.conf:2: [program:p] command: %(here)s is written as {files.Root}", StringComparison.Ordinal));
    }

    [Fact]
    public void Options_of_DEFAULT_hold_for_every_program()
    {
        var run = ImportedFiles.Supervisor($"[DEFAULT]\nuser=apps\nautorestart=true\n{Logs}[program:p]\ncommand=/bin/p\n[program:q]\ncommand=/bin/q\nuser=other\n");
        run.Programs.Select(program => program.User).ShouldBe(["apps", "other"]);
        run.Programs.ShouldAllBe(program => program.Restart == RestartPolicy.Always && program.StdoutLogfile == "NONE");
        run.Lost.ShouldBeEmpty();
    }

    private static Outcome Run(string line) => ImportedFiles.Supervisor($"[program:p]\ncommand=/bin/p\n{Logs}{line}\n");
}
