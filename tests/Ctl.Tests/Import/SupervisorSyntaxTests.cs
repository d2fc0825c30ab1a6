namespace HaGrpc.Ctl.Tests.Import;

/// <summary>The rules of the parser that Supervisor uses.</summary>
public sealed class SupervisorSyntaxTests
{
    [Theory]
    [InlineData("command=/bin/p a  ; a comment", "/bin/p a")]
    [InlineData("command=/bin/p a\t# a comment", "/bin/p a")]
    [InlineData("command=/bin/p a;b#c", "/bin/p a;b#c")]
    [InlineData("Command : /bin/p", "/bin/p")]
    [InlineData("command = /bin/p --x=y:z   ", "/bin/p --x=y:z")]
    [InlineData("command=/bin/p\n  --first\n\t--second", "/bin/p --first --second")]
    [InlineData("command=/bin/p\n; between\n\n  --more ; and more", "/bin/p --more")]
    [InlineData("command=/bin/p 100%% %(program_name)s", "/bin/p 100%% %(program_name)s")]
    [InlineData("command=/bin/p 'a\n  b'", "/bin/p 'a\nb'")]
    public void A_value_is_what_supervisor_takes_it_for(string line, string command)
    {
        var run = ImportedFiles.Supervisor($"[program:p]\n{line}\nstdout_logfile=NONE\nstderr_logfile=NONE\n");
        run.Program.Command.ShouldBe(command);
        run.Lost.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_said_twice_counts_as_it_was_said_last_and_is_told()
    {
        var run = ImportedFiles.Supervisor("[program:p]\npriority=555\ncommand=/bin/p\npriority=5\n");
        run.Program.Priority.ShouldBe(5);
        run.Notes.ShouldContain("supervisord.conf:2: [program:p] priority: 555: line 4 says 5, and the last one counts");
    }

    [Fact]
    public void A_comment_within_quotes_ends_the_value_as_in_supervisor()
    {
        var run = ImportedFiles.Supervisor("[program:p]\ncommand=/bin/p\n[program:q]\ncommand=/bin/sh -c \"a ; b\"\n");
        run.Program.Name.Name.ShouldBe("p");
        run.Notes.ShouldContain("supervisord.conf:4: [program:q] command: the value ends before ';': to Supervisor it begins a comment there, also within quotes");
        run.Lost.ShouldContain("supervisord.conf:4: [program:q] command: /bin/sh -c \"a: the quote \" at position 12 is not closed; the whole program is left out");
    }

    [Fact]
    public void Lines_that_are_nothing_are_told()
    {
        var run = ImportedFiles.Supervisor("stray=1\n[program:p]\nwhat is this\ncommand=/bin/p\ntypo=1\n");
        run.Program.Command.ShouldBe("/bin/p");
        run.Lost.ShouldContain("supervisord.conf:1: stray=1: stands before the first section; Supervisor does not start with it");
        run.Lost.ShouldContain("supervisord.conf:3: [program:p]: what is this: neither a section nor OPTION=VALUE; Supervisor does not start with it");
        run.Notes.ShouldContain("supervisord.conf:5: [program:p] typo: is no option of a program in Supervisor, which ignores it");
    }

    [Fact]
    public void Windows_line_ends_and_a_byte_order_mark_are_no_text()
    {
        var run = ImportedFiles.Supervisor("\ufeff[program:p]\r\ncommand=/bin/p\r\nuser=apps\r\n");
        (run.Program.Command, run.Program.User).ShouldBe(("/bin/p", "apps"));
    }

    [Theory]
    [InlineData("A=1", "A=1")]
    [InlineData("A=\"a,b\",B='c d'", "A=a,b B=c d")]
    [InlineData("A=/x/y.z:w+(1)-2,\n  B=\"x=y\"", "A=/x/y.z:w+(1)-2 B=x=y")]
    [InlineData("A=\"%(ENV_HOME)s/a\",B=\"5%%\"", "A=%(ENV_HOME)s/a B=5%%")]
    [InlineData("A=%(program_name)s/x,A=\"last\"", "A=last")]
    [InlineData("A=\"\",", "A=")]
    public void Variables_are_taken_apart_as_there(string text, string expected)
    {
        var run = ImportedFiles.Supervisor($"[program:p]\ncommand=/bin/p\nenvironment={text}\n");
        string.Join(' ', run.Program.Environment.Select(pair => $"{pair.Key}={pair.Value}")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("A=x@y")]
    [InlineData("A=\"x")]
    [InlineData("A")]
    public void Variables_that_supervisor_refuses_are_told(string text)
    {
        var run = ImportedFiles.Supervisor($"[program:p]\ncommand=/bin/p\nenvironment={text},B=1\n");
        run.Program.Environment.ShouldBeEmpty();
        run.Lost.ShouldContain(line => line.StartsWith("supervisord.conf:3: [program:p] environment: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Chinese_comments_go_with_their_programs_and_options_that_were_switched_off_do_not()
    {
        var run = ImportedFiles.Supervisor("; 主配置\n\n;启动订单服务\n[program:orders]\n;user=root\ncommand=/bin/p\n# 端口 6004\npriority=5\n;[program:old]\n");
        run.Text.ShouldContain("# 启动订单服务\n");
        run.Text.ShouldContain("# 端口 6004\n");
        run.Text.ShouldNotContain("user=root");
        run.Text.ShouldNotContain("program:old");
    }
}
