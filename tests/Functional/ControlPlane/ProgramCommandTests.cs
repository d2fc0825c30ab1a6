using HaGrpc.Functional.Tests.ControlPlane.Parts;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>One program without a manifest.</summary>
public sealed class ProgramCommandTests
{
    private const string Group = "hosts: [{name: a}]\ngroups: [{name: web, members: [{host: a, priority: 1}]}]";

    [Fact]
    public async Task A_program_is_added_and_changed_field_by_field()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        (await Operator.RunWithAsync(plane.GrpcUrl, Group, "apply", "-f", "-")).Code.ShouldBe(0);
        var added = await Operator.RunAsync(
            plane.GrpcUrl, "program", "add", "http", "--group", "web", "--command", "/bin/http --port 80: #1", "--priority", "100", "--stop-timeout", "30s",
            "environment.MODE=production", "exit_codes=0,2", "limits.memory=512mb");
        (added.Code, added.Error, added.Out).ShouldBe((0, "", "program/web:http: created\n"));
        const string exported = """
            programs:
              - group: web
                name: http
                command: "/bin/http --port 80: #1"
                environment: {MODE: production}
                priority: 100
                exit_codes: [0, 2]
                stop_timeout: 30s
                limits: {memory: 512mb}

            """;
        (await Operator.RunAsync(plane.GrpcUrl, "export", "web:http")).Out.ShouldBe(exported);

        var shown = await Operator.RunAsync(plane.GrpcUrl, "program", "set", "web:http", "priority=", "environment.A=b c", "environment.MODE=", "--dry-run");
        shown.Out.ShouldBe("program/web:http: would be updated, would be restarted for environment\n");
        var changed = await Operator.RunAsync(plane.GrpcUrl, "program", "set", "web:http", "priority=", "environment.A=b c", "environment.MODE=", "desired=stopped");
        (changed.Code, changed.Error).ShouldBe((0, ""));
        var now = (await plane.Registry.ExportAsync(new())).Programs.Single();
        (now.Priority, now.StopTimeout.Seconds, now.DesiredState).ShouldBe((999, 30, HaGrpc.V1.DesiredState.Stopped));
        (now.Environment.Count, now.Environment["A"]).ShouldBe((1, "b c"));
    }

    [Fact]
    public async Task Mistakes_are_told_as_those_of_a_manifest()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        (await Operator.RunWithAsync(plane.GrpcUrl, Group, "apply", "-f", "-")).Code.ShouldBe(0);
        var wrong = await Operator.RunAsync(
            plane.GrpcUrl, "program", "add", "http", "--group", "wob", "--command", "/bin/http", "--priority", "1, x: y", "priorty=3", "stop_timeout=30");
        wrong.Code.ShouldBe(2);
        wrong.Error.ShouldContain("programs[0].priority: 1, x: y: must be a whole number");
        wrong.Error.ShouldContain("programs[0].priorty: unknown field; did you mean priority?");
        wrong.Error.ShouldContain("programs[0].stop_timeout: 30: a duration needs its unit: 30s or 30ms");
        wrong.Error.ShouldContain("programs[0].group: wob:");
        wrong.Error.ShouldEndWith("4 errors, nothing was applied\n");
        (await Operator.RunAsync(plane.GrpcUrl, "program", "add", "http", "--group", "web")).Code.ShouldBe(2);

        (await Operator.RunAsync(plane.GrpcUrl, "program", "add", "w", "--group", "web", "--command", "/bin/w", "--numprocs", "2", "--process-name", "w%(process_num)d")).Code.ShouldBe(0);
        var twice = await Operator.RunAsync(plane.GrpcUrl, "program", "add", "w", "--group", "web", "--command", "/bin/w");
        (twice.Code, twice.Error).ShouldBe((2, "hactl: web:w is registered already: hactl program set web:w FIELD=VALUE changes it\n"));
        var process = await Operator.RunAsync(plane.GrpcUrl, "program", "set", "web:w1", "priority=3");
        (process.Code, process.Error).ShouldBe((2, "hactl: web:w1 is a process of web:w: name that\n"));
        var unknown = await Operator.RunAsync(plane.GrpcUrl, "program", "set", "web:nope", "priority=3");
        (unknown.Code, unknown.Error).ShouldBe((1, "hactl: no program is registered as 'web:nope'\n"));
        (await Operator.RunAsync(plane.GrpcUrl, "program", "set", "web:w", "priority")).Error.ShouldBe("hactl: priority: write FIELD=VALUE, or FIELD= for the default\n");
        (await Operator.RunAsync(plane.GrpcUrl, "program", "set", "web:w", "limits=3")).Error.ShouldBe("hactl: limits=3: limits has fields of its own: write limits.FIELD=VALUE\n");
        (await Operator.RunAsync(plane.GrpcUrl, "program", "set", "web:w", "name=v")).Code.ShouldBe(2);
        (await Operator.RunAsync(plane.GrpcUrl, "program", "set", "web:w", "numprocs=3")).Out.ShouldContain("program/web:w2: created\n");
    }
}
