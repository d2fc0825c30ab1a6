using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class ProgramExpansionTests
{
    private static readonly Program Several = Sample.Program with
    {
        NumProcs = 3,
        NumProcsStart = 8,
        ProcessName = "%(program_name)s_%(process_num)02d",
        Command = "/usr/bin/web --port 80%(process_num)02d --of %(numprocs)d --host %(host_node_name)s --rate 5%%",
        StdoutLogfile = "/var/log/%(group_name)s-%(process_num)d.log",
        Environment = Sample.Program.Environment.Add("N", "%(process_num)d %(ENV_HOME)s"),
    };

    [Fact]
    public void Each_process_is_a_program_of_its_own_and_hosts_do_the_rest()
    {
        var processes = ProgramExpansion.Of(Several);
        processes.Select(p => p.Name.ToString()).ShouldBe(["web:http_08", "web:http_09", "web:http_10"]);
        processes.ShouldAllBe(p => ProgramExpansion.TemplateOf(p) == Several.Name && p.NumProcs == 1);
        processes[1].Command.ShouldBe("/usr/bin/web --port 8009 --of 3 --host %(host_node_name)s --rate 5%%");
        processes[1].StdoutLogfile.ShouldBe("/var/log/web-9.log");
        processes[1].Environment["N"].ShouldBe("9 %(ENV_HOME)s");
        foreach (var process in processes)
            ProgramExpansion.Of(process).ShouldHaveSingleItem().Name.ShouldBe(process.Name);
    }

    [Fact]
    public void Fewer_processes_leave_a_surplus_and_so_does_another_name()
    {
        var stored = ProgramExpansion.Of(Several);
        ProgramExpansion.Surplus([Several with { NumProcs = 2 }], stored).ShouldBe([new("web", "http_10")]);
        ProgramExpansion.Surplus([Sample.Program], stored).Length.ShouldBe(3);
        ProgramExpansion.Surplus([Several], stored).ShouldBeEmpty();
        ProgramExpansion.Surplus([Sample.Program with { Name = new("web", "other") }], stored).ShouldBeEmpty();
        // A document of an older version has no template.
        ProgramExpansion.Surplus([Several], [Sample.Program]).ShouldBe([Sample.Program.Name]);
    }

    [Fact]
    public void Every_wrong_expansion_and_name_is_told_at_once()
    {
        var program = Sample.Program with
        {
            Command = "/bin/web %(proces_num)d %(here)s",
            Directory = "%(ENV_)s/x",
            StdoutLogfile = "/var/log/%(program_name)d",
            StderrLogfile = "/var/log/web.log",
            NumProcs = 2,
            NumProcsStart = -1,
            ProcessName = "%(host_node_name)s",
        };
        Sample.Errors(program).ShouldBe([
            "programs[0].directory: %(ENV_)s/x: the expansion %(ENV_) is unknown; known here: program_name, group_name, process_num, numprocs, host_node_name, ENV_NAME",
            "programs[0].command: /bin/web %(proces_num)d %(here)s: the expansion %(proces_num) is unknown; did you mean %(process_num)?",
            "programs[0].stdout_logfile: /var/log/%(program_name)d: %(program_name)d needs a number: write %(program_name)s",
            "programs[0].process_name: %(host_node_name)s: 2 processes need 2 names: %(program_name)s_%(process_num)02d",
            "programs[0].numprocs_start: -1: must be 0 to 1000000",
            "programs[0].process_name: %(host_node_name)s: the expansion %(host_node_name) is unknown; known here: program_name, group_name, process_num, numprocs",
        ], ignoreOrder: true);
    }

    [Theory]
    [InlineData(0, "%(program_name)s", "programs[0].numprocs: 0: must be 1 to 1000")]
    [InlineData(1001, "%(process_num)d", "programs[0].numprocs: 1001: must be 1 to 1000")]
    [InlineData(1, "a:%(process_num)d", "programs[0].process_name: a:%(process_num)d: gives a:0: the name of a process must not contain ':'")]
    public void Processes_have_bounds_and_names(int count, string name, string expected) =>
        Sample.Errors(Sample.Program with { NumProcs = count, ProcessName = name, StdoutLogfile = "NONE" }).ShouldBe([expected]);

    [Fact]
    public void A_process_must_not_have_the_name_of_another_programs()
    {
        var several = Several with { StderrLogfile = "NONE", NumProcsStart = 0 };
        var other = Sample.Program with { Name = new("web", "http_01") };
        var set = Sample.Set() with { Programs = [several, other] };
        Sample.Errors(set).ShouldBe(["programs[1].name: http_01: process web:http_01 is one of program web:http already"]);
        var stored = Sample.Set() with { Programs = [.. ProgramExpansion.Of(other)] };
        Sample.Errors(Sample.Set(program: several), stored).ShouldBe(
            ["programs[0].process_name: %(program_name)s_%(process_num)02d: process web:http_01 is one of program web:http_01 already"]);
        // One that goes with this request is in nobody's way.
        Sample.Errors(
            set with { Programs = [several with { NumProcs = 1, ProcessName = "%(program_name)s" }, other] },
            stored with { Programs = ProgramExpansion.Of(several) }).ShouldBeEmpty();
    }
}
