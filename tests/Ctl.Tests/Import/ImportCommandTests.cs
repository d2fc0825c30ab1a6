using HaGrpc.Ctl.Tests.Commands;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Import;

/// <summary>The command line around the imports.</summary>
public sealed class ImportCommandTests
{
    private const string Nobody = "http://127.0.0.1:1";
    private const string Whole = "[program:p]\ncommand=/bin/p\ndirectory=/srv\nstdout_logfile=NONE\nstderr_logfile=NONE\n";

    [Fact]
    public async Task A_manifest_goes_to_standard_output_and_needs_no_control_plane()
    {
        using var files = new ImportedFiles();
        var file = files.Write("p.conf", Whole);
        var run = await FakeControlPlane.RunAtAsync(Nobody, "", "import", "supervisor", file, "--host", "a=7", "--peer", "b=9");
        run.Error.ShouldBe("");
        run.Out.ShouldBe($$"""
            # Imported from supervisor {{file}}. Review it, then: hactl apply --dry-run -f FILE
            hosts:
              - {name: a}
              - {name: b}
            groups:
              - name: programs
                members:
                  - {host: a, priority: 7}
                  - {host: b, priority: 9}
                programs:
                  - name: p
                    command: /bin/p
                    directory: /srv
                    umask: 022

            """);
        run.Code.ShouldBe(0);
    }

    [Fact]
    public async Task What_still_runs_elsewhere_can_be_imported_to_be_watched()
    {
        using var files = new ImportedFiles();
        var file = files.Write("p.conf", Whole);
        var run = await FakeControlPlane.RunAtAsync(Nobody, "", "import", "supervisor", file, "--host", "a", "--peer", "b", "--observe");
        run.Code.ShouldBe(0, run.Error);
        run.Out.ShouldContain("      - {host: b, priority: 80}\n    mode: observe\n    programs:\n");
    }

    [Fact]
    public async Task What_was_not_carried_over_is_an_exit_code_of_its_own_and_stands_in_both_places()
    {
        using var files = new ImportedFiles();
        var file = files.Write("p.conf", Whole + "killasgroup=false\n");
        var made = Path.Join(files.Root, "made.yaml");
        var run = await FakeControlPlane.RunAtAsync(Nobody, "", "import", "supervisor", file, "--host", "a", "--peer", "b", "-o", made);
        run.Code.ShouldBe(3);
        run.Out.ShouldBe("");
        run.Error.ShouldStartWith($"Not carried over (1):\n  {file}:6: [program:p] killasgroup: false: ");
        (await File.ReadAllTextAsync(made)).ShouldContain($"# Not carried over (1):\n#   {file}:6: [program:p] killasgroup: false: ");
    }

    [Fact]
    public async Task Input_that_cannot_be_read_is_bad_input()
    {
        using var files = new ImportedFiles();
        var file = files.Write("p.conf", [0x61, 0, 0x62]);
        var run = await FakeControlPlane.RunAtAsync(Nobody, "", "import", "supervisor", file, "/nowhere/x.conf");
        run.Code.ShouldBe(2);
        run.Out.ShouldBe("");
        run.Error.ShouldBe($"{file}: neither UTF-8 nor GB18030 (GBK): convert it with iconv first\n/nowhere/x.conf: no such file\nhactl: nothing was imported\n");
    }

    [Fact]
    public async Task A_file_of_which_nothing_is_left_says_why()
    {
        using var files = new ImportedFiles();
        var file = files.Write("p.conf", "[eventlistener:mail]\ncommand=mail\n");
        var run = await FakeControlPlane.RunAtAsync(Nobody, "", "import", "supervisor", file);
        run.Code.ShouldBe(2);
        run.Error.ShouldContain($"{file}:1: [eventlistener:mail]: there are no event listeners");
    }

    [Fact]
    public async Task Only_one_host_at_a_time()
    {
        using var files = new ImportedFiles();
        var run = await FakeControlPlane.RunAtAsync(Nobody, "", "import", "host", files.Root, files.Root);
        (run.Code, run.Error).ShouldBe((2, "hactl: import host: one directory at a time, because each is another host\n"));
    }

    [Fact]
    public async Task It_is_applied_on_the_way_of_every_manifest()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnApply = _ => new() { Changes = { new Change { Kind = ChangeKind.Created, Object = "host/a" } } };
        using var files = new ImportedFiles();
        var file = files.Write("p.conf", Whole);
        var dry = await plane.RunAsync("import", "supervisor", file, "--host", "a", "--peer", "b", "--apply", "--dry-run");
        dry.Out.ShouldBe("host/a: would be created\n");
        dry.Code.ShouldBe(0);
        var request = plane.Admin.Asked.ShouldHaveSingleItem().ShouldBeOfType<ApplyRequest>();
        request.DryRun.ShouldBeTrue();
        request.Programs.ShouldHaveSingleItem().Command.ShouldBe("/bin/p");
        var run = await plane.RunAsync("import", "supervisor", file, "--host", "a", "--apply");
        run.Out.ShouldBe("host/a: created\n");
        plane.Admin.Asked[^1].ShouldBeOfType<ApplyRequest>().DryRun.ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_control_plane_refuses_is_refused()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnApply = _ => new() { Errors = { new FieldError { Path = "groups[0].programs[0].user", Value = "", Message = "no such user" } } };
        using var files = new ImportedFiles();
        var run = await plane.RunAsync("import", "supervisor", files.Write("p.conf", Whole + "killasgroup=false\n"), "--apply");
        run.Code.ShouldBe(2);
        run.Error.ShouldContain("no such user");
    }

    [Theory]
    [InlineData("--dry-run says what --apply would do: give both", "--dry-run")]
    [InlineData("--host a=b: must be NAME or NAME=PRIORITY, the priority from 1 to 255", "--host", "a=b")]
    [InlineData("--peer b=256: must be NAME or NAME=PRIORITY, the priority from 1 to 255", "--peer", "b=256")]
    [InlineData("x is named twice by --host and --peer", "--host", "x", "--peer", "x")]
    [InlineData("--out /nowhere/x: cannot be written", "--out", "/nowhere/x")]
    public async Task A_wrong_command_line_is_told(string message, params string[] options)
    {
        using var files = new ImportedFiles();
        var run = await FakeControlPlane.RunAtAsync(Nobody, "", ["import", "supervisor", files.Write("p.conf", Whole), .. options]);
        run.Code.ShouldBe(2);
        run.Error.ShouldContain($"hactl: {message}");
    }

    [Fact]
    public async Task Every_source_has_its_command()
    {
        using var files = new ImportedFiles();
        var card = files.Write("program.ini", "PROGRAM_NAME=x\nPROGRAM_RUN=/bin/x\n");
        var keepalived = files.Write("keepalived.conf", "vrrp_instance V { interface eth0\n virtual_ipaddress { 10.0.0.1 } }\n");
        (await FakeControlPlane.RunAtAsync(Nobody, "", "import", "program-ini", card)).Out.ShouldContain("command: /bin/x");
        (await FakeControlPlane.RunAtAsync(Nobody, "", "import", "keepalived", keepalived)).Out.ShouldContain("address: 10.0.0.1/32");
        var host = await FakeControlPlane.RunAtAsync(Nobody, "", "import", "host", files.Root);
        host.Out.ShouldContain("command: /bin/x");
        host.Out.ShouldContain("address: 10.0.0.1/32");
        (await FakeControlPlane.RunAtAsync(Nobody, "", "import", "--help")).Out.ShouldContain("program-ini");
    }
}
