using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Import;

/// <summary>What many configurations of Supervisor say, and what it makes of them: seen beside a real one.</summary>
public sealed class SupervisorHabitTests
{
    private const string Logs = "stdout_logfile=NONE\nstderr_logfile=off\n";

    [Fact]
    public void Workers_that_share_a_log_file_keep_it()
    {
        var run = ImportedFiles.Supervisor("""
            [program:worker]
            process_name=%(program_name)s_%(process_num)02d
            command=php /srv/app/artisan queue:work
            autostart=true
            autorestart=true
            stopasgroup=true
            killasgroup=true
            numprocs=8
            redirect_stderr=true
            stdout_logfile=/srv/app/worker.log
            stopwaitsecs=3600
            """);
        run.Lost.ShouldBeEmpty();
        (run.Program.NumProcs, run.Program.StdoutLogfile, run.Program.StopTimeout).ShouldBe((8, "/srv/app/worker.log", TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData("", RestartPolicy.Always)]
    [InlineData("autorestart=unexpected", RestartPolicy.Always)]
    [InlineData("autorestart=false", RestartPolicy.Never)]
    public void Without_an_expected_exit_code_none_is_expected(string line, RestartPolicy restart)
    {
        var run = Run($"exitcodes=\n{line}");
        run.Program.Restart.ShouldBe(restart);
        run.Lost.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("startretries=99999999", 1_000_000)]
    [InlineData("startretries=-1", 0)]
    public void Retries_for_ever_are_as_many_as_there_can_be(string line, int retries)
    {
        var run = Run(line);
        run.Program.StartRetries.ShouldBe(retries);
        run.Lost.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_out_of_bounds_is_not_taken_for_the_default()
    {
        var run = Run("stopwaitsecs=100000\nstartsecs=-1\nstdout_logfile_maxbytes=1KB\nstderr_logfile_backups=9999");
        (run.Program.StopTimeout, run.Program.StartTime).ShouldBe((TimeSpan.FromHours(24), TimeSpan.Zero));
        (run.Program.StdoutLogfileMaxBytes, run.Program.StderrLogfileBackups).ShouldBe((4096, 1000));
    }

    [Fact]
    public void A_program_without_processes_does_not_begin_to_run_by_its_import()
    {
        var run = ImportedFiles.Supervisor($"[program:off]\ncommand=/bin/off\nnumprocs=0\n[program:p]\ncommand=/bin/p\n{Logs}");
        run.Programs.Select(program => program.Name.Name).ShouldBe(["p"]);
        run.Lost.ShouldBe(["supervisord.conf:3: [program:off] numprocs: 0: Supervisor runs no process of it; the whole program is left out"]);
    }

    [Fact]
    public void Both_outputs_in_one_file_become_one_output()
    {
        var run = ImportedFiles.Supervisor("[program:p]\ncommand=/bin/p\nstdout_logfile=/var/log/p.log\nstderr_logfile=/var/log/p.log\nstderr_logfile_backups=3\n");
        (run.Program.StdoutLogfile, run.Program.StderrLogfile, run.Program.RedirectStderr).ShouldBe(("/var/log/p.log", "NONE", true));
        run.Lost.ShouldBeEmpty();
    }

    [Fact]
    public void A_program_of_two_groups_is_one_of_each()
    {
        var run = ImportedFiles.Supervisor($"[program:p]\ncommand=/bin/p %(group_name)s\n{Logs}[group:a]\nprograms=p\n[group:b]\nprograms=p\n");
        run.Programs.Select(program => $"{program.Name}").ShouldBe(["a:p", "b:p"]);
        run.Lost.ShouldBeEmpty();
        ImportedFiles.Supervisor(
            $"[program:p]\ncommand=/bin/p\n{Logs}[group:a]\nprograms=p\n[group:b]\nprograms=p\n", ImportedFiles.Alone with { Group = "web" })
            .Lost.ShouldBe(["supervisord.conf:8: [group:b] programs: program:p: is in group web already, and cannot be in it twice"]);
    }

    [Fact]
    public void Percent_signs_that_Supervisor_halves_twice_are_halved_twice()
    {
        var run = ImportedFiles.Supervisor("""
            [supervisord]
            environment=RATE="50%%%%",HOST="%%(host_node_name)s"
            [program:p]
            command=/bin/p 5%%
            environment=OWN="7%%"
            stdout_logfile=/var/log/a%%%%b
            stderr_logfile=/var/log/%%(program_name)s
            """);
        run.Lost.ShouldBeEmpty();
        run.Program.Environment.ShouldBe([new("RATE", "50%%"), new("HOST", "%(host_node_name)s"), new("OWN", "7%%")], ignoreOrder: true);
        (run.Program.StdoutLogfile, run.Program.StderrLogfile).ShouldBe(("/var/log/a%%b", "/var/log/%(program_name)s"));
    }

    [Fact]
    public void A_backslash_at_the_end_of_a_line_means_what_it_means_to_Supervisor()
    {
        var run = ImportedFiles.Supervisor($"[program:p]\ncommand=/bin/p one \\\n  two\n  three\n{Logs}");
        HaGrpc.Core.Supervision.CommandLine.TrySplit(run.Program.Command, out var words, out _).ShouldBeTrue();
        words.ShouldBe(["/bin/p", "one", "\ntwo", "three"]);
    }

    [Fact]
    public void A_class_path_may_be_as_long_as_a_program_takes_it()
    {
        var path = string.Join(':', Enumerable.Range(0, 3000).Select(i => $"/srv/lib/{i}.jar"));
        Run($"environment=CLASSPATH=\"{path}\"").Program.Environment["CLASSPATH"].ShouldBe(path);
    }

    private static Outcome Run(string line) => ImportedFiles.Supervisor($"[program:p]\ncommand=/bin/p\n{Logs}{line}\n");
}
