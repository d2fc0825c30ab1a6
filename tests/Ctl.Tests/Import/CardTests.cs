namespace HaGrpc.Ctl.Tests.Import;

/// <summary>A program's information card.</summary>
public sealed class CardTests
{
    [Theory]
    [InlineData("java -server -jar x.jar", "java -server -jar x.jar")]
    [InlineData("./x /etc/x.ini", "/srv/x/x /etc/x.ini")]
    [InlineData("nohup ./x 50% &", "/srv/x/x 50%%")]
    [InlineData("./x 'it' > /dev/null 2>&1 &", "/bin/sh -c 'exec ./x '\\''it'\\'' > /dev/null 2>&1'")]
    public void A_command_is_run_where_it_was_run(string run, string command)
    {
        var outcome = ImportedFiles.Card($"# 程序\nPROGRAM_NAME=x.jar\nPROGRAM_PATH=\"/srv/x\"\n#PROGRAM_INI=/old\nPROGRAM_RUN={run}\n");
        outcome.Program.Name.ToString().ShouldBe("programs:x");
        outcome.Program.Command.ShouldBe(command);
        outcome.Program.Directory.ShouldBe("/srv/x");
        outcome.Lost.ShouldBeEmpty();
        outcome.Text.ShouldContain("# 程序\n");
        outcome.Text.ShouldNotContain("/old");
    }

    [Fact]
    public void What_is_not_understood_is_told()
    {
        var run = ImportedFiles.Card("PROGRAM_NAME=x\nPROGRAM_RUN=/bin/x\nPROGRAM_INI=/etc/x.ini\nOTHER=1\nwhat\n");
        run.Lost.ShouldBe([
            "program.ini:3: PROGRAM_INI: /etc/x.ini: the command does not name it; see whether the program finds its configuration by itself",
            "program.ini:4: OTHER: 1: unknown in a program's card",
            "program.ini:5: what: not NAME=value",
        ]);
    }

    [Fact]
    public void A_card_without_a_command_is_none() =>
        ImportedFiles.Card("PROGRAM_NAME=x\n").Lost.ShouldBe(["program.ini: a program's card needs PROGRAM_NAME and PROGRAM_RUN"]);
}
