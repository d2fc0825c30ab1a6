using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

/// <summary>Log files of several writers.</summary>
public sealed class SharedLogTests
{
    private static readonly Program One = Sample.Program with { StdoutLogfile = "/var/log/one", StderrLogfile = "/var/log/%(program_name)s" };

    [Fact]
    public void They_are_written_by_as_many_as_want_to_while_nobody_compresses_them()
    {
        var several = One with { NumProcs = 3, ProcessName = "%(process_num)d" };
        Sample.Errors(several).ShouldBeEmpty();
        Sample.Errors(Sample.Set() with { Programs = [several, One with { Name = new("web", "other") }] }).ShouldBeEmpty();
        Sample.Errors(several with { LogfileCompress = true }).ShouldHaveSingleItem().ShouldStartWith(
            "programs[0].logfile_compress: true: /var/log/one is a log file of web:0 too, and of several writers none may compress");
        Sample.Errors(several with { LogfileCompress = true, StdoutLogfile = "/dev/null", StderrLogfile = "/var/log/%(process_num)d" }).ShouldBeEmpty();
    }

    [Fact]
    public void The_two_outputs_of_a_program_are_two_writers_unless_one_goes_where_the_other_goes()
    {
        var both = One with { StderrLogfile = "/var/log/one", LogfileCompress = true };
        Sample.Errors(both).ShouldHaveSingleItem().ShouldContain("/var/log/one is a log file of web:http too");
        Sample.Errors(both with { RedirectStderr = true }).ShouldBeEmpty();
    }

    [Fact]
    public void One_that_compresses_is_told_whichever_of_them_it_is_also_beside_what_is_stored()
    {
        var other = One with { Name = new("web", "other"), LogfileCompress = true };
        Sample.Errors(Sample.Set() with { Programs = [One, other] }).ShouldHaveSingleItem()
            .ShouldStartWith("programs[1].logfile_compress: true: /var/log/one is a log file of web:http too");
        Sample.Errors(Sample.Set() with { Programs = [other, One] }).ShouldHaveSingleItem()
            .ShouldStartWith("programs[1].logfile_compress: false: /var/log/one is a log file of web:other too");
    }

    [Theory]
    [InlineData("/dev/stdout")]
    [InlineData("/dev/fd/3")]
    [InlineData("/proc/self/fd/1")]
    public void The_shims_own_outputs_are_no_log_files(string path) =>
        Sample.Errors(Sample.Program with { StderrLogfile = path }).ShouldBe(
            [$"programs[0].stderr_logfile: {path}: is an output of the program's shim, which nobody keeps: name a file, or NONE"]);
}
