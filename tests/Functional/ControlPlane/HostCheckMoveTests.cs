using HaGrpc.Contracts;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using HaGrpc.V1;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>A real agent whose host fails a check, another member, and a control plane (docs/adr/0022).</summary>
public sealed class HostCheckMoveTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ha-moves-");
    private readonly RunningAgent _a = new();
    private readonly Sleepers _programs = new();
    private InProcessPlane _plane = null!;

    private string Gateway => Path.Combine(_folder.FullName, "gateway");

    private string Hooked => Path.Combine(_folder.FullName, "hooked");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Gateway, "");
        _plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Groups[0].Timing = Models.Calm(); // Nobody loses a lease because this machine is busy.
        model.Programs.Clear();
        model.Programs.Add(new HaGrpc.V1.Program { Group = "web", Name = "one", Command = _programs.Command });
        model.Groups[0].Checks.Add(new HostCheck
        {
            Name = "gateway",
            Exec = { "/usr/bin/test", "-e", Gateway },
            Interval = TimeSpan.FromMilliseconds(100).ToProto(),
            Timeout = TimeSpan.FromSeconds(10).ToProto(),
        });
        model.Groups[0].Hooks.Add(new Hook { Name = "told", Events = { HookEvent.Fault }, Command = { "/bin/sh", "-c", $"echo \"$HAGRPC_REASON\" >> {Hooked}" } });
        await _plane.ApplyAsync(model);
        _a.Start(isolated: false,
        [
            "--host", "a", "--control-plane", _plane.GrpcUrl, "--run-dir", _a.RunDirectory, "--state-dir", _a.StateDirectory, "--shim", RunningHost.Shim,
        ]);
        await UntilGroup("a owns it", group => group is { Owner: "a", Phase: "Owned" });
        await _programs.Are(1);
    }

    public async ValueTask DisposeAsync()
    {
        _a.Signal(Libc.SigTerm);
        await _a.UntilExited();
        _a.Dispose();
        await _plane.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_group_goes_to_the_other_member_in_order_when_the_owners_check_fails()
    {
        await using var b = await AgentDouble.AttachAsync(_plane.GrpcUrl, "b");
        b.KeepBeating();
        File.Delete(Gateway);
        var group = await UntilGroup("b owns it", group => group is { Owner: "b", Phase: "Owned" });
        group.LastReason.ShouldBe("check gateway fails there: exit code 1");
        group.Backups.Single().Obstacle.ShouldBe("only if no other can: check gateway fails there: exit code 1");
        // It was given up, not lost: nobody waited for a lease.
        await Until.HoldsAsync(async () => (await KindsAsync()).Contains("HostCheckFailed"), "the history has the check");
        (await KindsAsync()).ShouldNotContain("LeaseLapsed");
        _programs.Alive().ShouldBeEmpty();
        await Eventually.Until("the hook for fault has run", Limit, () => File.Exists(Hooked) && File.ReadAllText(Hooked) == "check gateway fails there: exit code 1\n");

        await File.WriteAllTextAsync(Gateway, "");
        group = await UntilGroup("a could take it again", group => group.Backups.Single().Obstacle.Length == 0);
        group.Owner.ShouldBe("b", "failback is manual");
        await Until.HoldsAsync(async () => (await KindsAsync()).Contains("HostCheckRecovered"), "the history has that as well");
    }

    [Fact]
    public async Task It_stays_when_the_other_member_fails_too_and_goes_when_that_one_is_fit()
    {
        await using var b = await AgentDouble.AttachAsync(_plane.GrpcUrl, "b");
        b.Unfit["web"] = "check gateway fails there: exit code 1";
        b.KeepBeating();
        await UntilGroup("b is unfit", group => group.Backups.Single().Obstacle.Contains("check gateway fails there", StringComparison.Ordinal));
        File.Delete(Gateway);
        var group = await UntilGroup("it says why it stays", group => group.Detail.Length > 0);
        (group.Owner, group.Phase, group.Detail).ShouldBe(("a", "Owned", "no other member could do better; check gateway fails there: exit code 1"));
        _programs.Alive().Length.ShouldBe(1);
        b.Unfit.Clear();
        await UntilGroup("b owns it", group => group is { Owner: "b", Phase: "Owned" });
    }

    private async Task<GroupStatus> UntilGroup(string what, Func<GroupStatus, bool> holds)
    {
        GroupStatus group = new();
        await Eventually.Until(what, Limit, async () => holds(group = (await _plane.Admin.ListGroupsAsync(new())).Groups.Single()), () => $"{group}\n{string.Join('\n', _a.Lines)}");
        return group;
    }

    private async Task<string[]> KindsAsync() => [.. (await _plane.Admin.ListEventsAsync(new())).Events.Select(e => e.Kind)];
}
