using HaGrpc.Functional.Tests.ControlPlane.Parts;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What is registered, out and in again, and compared with what manifests say.</summary>
public sealed class ExportTests
{
    private const string Manifest = """
        hosts: [{name: a}, {name: b, description: "rack: 2"}]
        groups:
          - name: web
            members: [{host: b, priority: 80}, {host: a, priority: 120}]
            vips: [{address: 10.0.0.100/24, interface: eth0, label: "eth0:v"}]
            timing: calm
            failback: {mode: automatic, window: "02:00-04:00"}
            hooks: [{name: h, events: promote, command: /bin/true a "b c"}]
            checks: [{name: gateway, ping: "10.0.0.1", weight: -10}]
            programs:
              - {name: w, command: "/bin/w %(process_num)02d 100%%", process_name: "w%(process_num)d", numprocs: 11, environment: {A: "1", B: ""}}
              - {name: x, command: /bin/x, limits: {rlimits: {core: unlimited, nofile: {soft: 10, hard: 20}}, cpu: 1.5}, readiness: {notify: true}, umask: "007"}
        """;

    [Fact]
    public async Task What_is_exported_changes_nothing_when_it_is_applied()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        (await Operator.RunWithAsync(plane.GrpcUrl, Manifest, "apply", "-f", "-")).Code.ShouldBe(0);
        await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:x" }, NoWait = true });
        var exported = await Operator.RunAsync(plane.GrpcUrl, "export");
        (exported.Code, exported.Error).ShouldBe((0, ""));
        var diff = await Operator.RunWithAsync(plane.GrpcUrl, exported.Out, "diff", "-f", "-");
        (diff.Code, diff.Out, diff.Error).ShouldBe((0, "", ""));
        var applied = await Operator.RunWithAsync(plane.GrpcUrl, exported.Out, "apply", "-f", "-");
        applied.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(line => line.EndsWith(": unchanged", StringComparison.Ordinal));
        (await Operator.RunAsync(plane.GrpcUrl, "export")).Out.ShouldBe(exported.Out);
    }

    [Fact]
    public async Task A_diff_says_what_an_apply_would_do_and_does_nothing()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        (await Operator.RunWithAsync(plane.GrpcUrl, Manifest, "apply", "-f", "-")).Code.ShouldBe(0);
        var changed = Manifest.Replace("numprocs: 11", "numprocs: 10", StringComparison.Ordinal).Replace("/bin/x", "/bin/y", StringComparison.Ordinal);
        var diff = await Operator.RunWithAsync(plane.GrpcUrl, changed, "diff", "-f", "-");
        diff.Code.ShouldBe(1);
        diff.Out.ShouldBe("""
            program/web:w10: would be removed
            program/web:x: would be updated, would be restarted for command
              command: /bin/x -> /bin/y

            """);
        (await Operator.RunWithAsync(plane.GrpcUrl, Manifest, "diff", "-f", "-")).Code.ShouldBe(0, "nothing was changed");
    }
}
