namespace HaGrpc.Ctl.Tests.Import;

/// <summary>Groups, includes, and sections that are no programs.</summary>
public sealed class SupervisorSectionTests
{
    private const string Logs = "stdout_logfile=NONE\nstderr_logfile=NONE\n";

    [Fact]
    public void Each_group_is_a_group_and_the_others_are_together()
    {
        var text = $"[program:a]\ncommand=/bin/a\n{Logs}[program:b]\ncommand=/bin/b\n{Logs}[program:c]\ncommand=/bin/c\n{Logs}[group:web]\nprograms=b, a, nope\npriority=5\n";
        var run = ImportedFiles.Supervisor(text, ImportedFiles.Pair);
        run.Programs.Select(program => program.Name.ToString()).ShouldBe(["web:b", "web:a", "programs:c"]);
        run.Groups[0].Members.ShouldBe([new("a", 120), new("b", 80)]);
        run.Manifest!.Request.Hosts.Select(host => host.Name).ShouldBe(["a", "b"]);
        run.Lost.ShouldBe([
            "supervisord.conf:14: [group:web] programs: nope: no such [program:…] (an fcgi-program is not carried over)",
            "supervisord.conf:15: [group:web] priority: 5: groups have no order among each other; within a group programs have (priority, after)",
        ]);
    }

    [Fact]
    public void One_group_for_all_is_the_operators_wish()
    {
        var text = $"[program:a]\ncommand=/bin/a\n{Logs}[program:b]\ncommand=/bin/b %(group_name)s\n{Logs}[group:web]\nprograms=b\n";
        var run = ImportedFiles.Supervisor(text, ImportedFiles.Alone with { Group = "shop", Host = new("a", 7) });
        run.Programs.Select(program => program.Name.ToString()).ShouldBe(["shop:b", "shop:a"]);
        run.Programs[0].Command.ShouldBe("/bin/b web");
        run.Group.Members.ShouldBe([new("a", 7)]);
        run.Lost.ShouldBeEmpty();
    }

    [Fact]
    public void Included_files_are_found_by_pattern_beside_the_file_that_names_them()
    {
        using var files = new ImportedFiles();
        var main = files.Write("supervisord.conf", "[include]\nfiles=conf.d/*.conf %(here)s/[x-z]?.ini /nowhere/*.conf\n[program:main]\ncommand=/bin/main\n" + Logs);
        files.Write("conf.d/b.conf", $"[program:b]\ncommand=%(here)s/b\n{Logs}[include]\nfiles=more/*.conf\n");
        files.Write("conf.d/a.conf", $"[program:a]\ncommand=/bin/a\n{Logs}");
        files.Write("conf.d/c.txt", "[program:c]\ncommand=/bin/c\n");
        files.Write("conf.d/more/d.conf", "[program:d]\ncommand=/bin/d\n");
        files.Write("y1.ini", "[program:main]\npriority=7\n");
        var run = files.ImportSupervisor(null, main);
        run.Programs.Select(program => program.Name.Name).ShouldBe(["main", "a", "b"]);
        run.Programs[0].Priority.ShouldBe(7);
        run.Programs[2].Command.ShouldBe($"{files.Root}/conf.d/b");
        run.Lost.ShouldHaveSingleItem().ShouldStartWith("supervisord.conf:2: [include] files: /nowhere/*.conf: no such file here");
        run.Notes.ShouldContain("supervisord.conf:3: [program:main]: stands also in y1.ini:1; as in Supervisor they are one, and what is said last counts");
        run.Notes.ShouldContain("conf.d/b.conf:6: [include] files: more/*.conf: an included file includes nothing; Supervisor ignores it");
    }

    [Fact]
    public void A_directory_is_all_of_its_configurations()
    {
        using var files = new ImportedFiles();
        files.Write("b.ini", $"[program:b]\ncommand=/bin/b\n{Logs}");
        files.Write("a.conf", $"[program:a]\ncommand=/bin/a\n{Logs}");
        files.ImportSupervisor(null, files.Root).Programs.Select(program => program.Name.Name).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void Every_other_section_is_named()
    {
        var run = ImportedFiles.Supervisor($"""
            [unix_http_server]
            file=/run/supervisor.sock
            chmod=0770
            [inet_http_server]
            port=*:9001
            password=geheim
            [supervisorctl]
            serverurl=unix:///run/supervisor.sock
            [rpcinterface:supervisor]
            supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
            [rpcinterface:other]
            supervisor.rpcinterface_factory = other:make
            [eventlistener:mail]
            command=crashmail
            events=PROCESS_STATE_EXITED
            [fcgi-program:php]
            command=/usr/bin/php-cgi
            socket=unix:///run/php.sock
            [ctlplugin:x]
            supervisor.ctl_factory = x:y
            [what]
            ever=1
            [program:p]
            command=/bin/p
            {Logs}
            """, ImportedFiles.Pair);
        run.Program.Command.ShouldBe("/bin/p");
        run.Lost.Select(line => line.Split(": ")[1]).ShouldBe([
            "[unix_http_server] chmod", "[inet_http_server] port", "[rpcinterface:other]", "[eventlistener:mail]", "[fcgi-program:php]", "[ctlplugin:x]",
        ]);
        run.Notes.Select(line => line.Split(": ")[1]).ShouldBe([
            "[unix_http_server] file", "[inet_http_server] password", "[supervisorctl]", "[rpcinterface:supervisor]", "[what]", "[program:p]",
        ], ignoreOrder: true);
        run.Text.ShouldNotContain("geheim");
    }

    [Fact]
    public void A_program_without_a_command_is_told_and_a_file_without_programs_is_nothing()
    {
        var run = ImportedFiles.Supervisor("[program:p]\nuser=apps\n");
        run.Manifest.ShouldBeNull();
        run.Problems.ShouldHaveSingleItem().ShouldContain("there is nothing in it that could be imported");
        run.Lost.ShouldBe(["supervisord.conf:1: [program:p]: has no command; Supervisor does not start with it"]);
    }

    [Fact]
    public void Names_that_cannot_be_names_here_are_changed_and_told()
    {
        var run = ImportedFiles.Supervisor($"[program:a*b]\ncommand=/bin/p\n{Logs}");
        run.Program.Name.Name.ShouldBe("a-b");
        run.Notes.ShouldContain("supervisord.conf:1: [program:a*b]: a*b cannot be a name here; it is called a-b");
    }
}
