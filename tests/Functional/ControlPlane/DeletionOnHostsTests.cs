using HaGrpc.Contracts;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using HaGrpc.V1;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Deletions with a real agent: what ran, ends; and what was away comes back to end it.</summary>
public sealed class DeletionOnHostsTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly RunningAgent _agent = new();
    private readonly Sleepers _one = new(), _two = new(), _everywhere = new();
    private InProcessPlane _plane = null!;

    public async ValueTask InitializeAsync() => _plane = await InProcessPlane.StartLeadingAsync();

    public async ValueTask DisposeAsync()
    {
        if (!_agent.HasExited)
        {
            _agent.Signal(Libc.SigTerm);
            await _agent.UntilExited();
        }
        _agent.Dispose();
        await _plane.DisposeAsync();
    }

    [Fact]
    public async Task Everything_of_a_deleted_group_ends_and_a_removed_program_before()
    {
        await BeginAsync(new Member { Host = "a", Priority = 120 }, new Member { Host = "b", Priority = 80 });

        var removed = await Operator.RunAsync(_plane.GrpcUrl, "program", "remove", "web:two", "--yes", "web");

        (removed.Code, removed.Out).ShouldBe((0, "program/web:two: deleted\n  program/web:two ends on a: stops web:two\n"));
        await _two.AreGone();
        _one.Alive().Length.ShouldBe(1);
        var shown = await Operator.RunAsync(_plane.GrpcUrl, "delete", "group", "web", "--dry-run");
        shown.Out.ShouldContain("group/web would end on a: stops web:everywhere, web:one\n");

        var run = await Operator.RunAsync(_plane.GrpcUrl, "delete", "group", "web", "--yes", "web");

        run.Code.ShouldBe(0, run.Error);
        _one.Alive().ShouldBeEmpty("the owner has ended it before the group goes");
        await _everywhere.AreGone();
        (await _plane.Admin.ListGroupsAsync(new())).Groups.ShouldBeEmpty();
        (await _plane.Admin.ListEventsAsync(new() { Limit = 1000 })).Events.ShouldContain(e => e.Kind == "OwnershipReleased" && e.Host == "a");

        await ApplyAsync(new Member { Host = "a", Priority = 120 }, new Member { Host = "b", Priority = 80 });
        await _one.Are(1);
        (await GroupAsync())!.Epoch.ShouldBe(2);
    }

    /// <summary>A group of one member needs no lease: it goes on without its agent, and would after a boot.</summary>
    [Fact]
    public async Task A_host_that_was_away_ends_a_group_that_was_deleted_meanwhile()
    {
        await BeginAsync(new Member { Host = "a", Priority = 120 });
        await KillAgentAsync();
        var pending = await _plane.DeleteAsync(new() { Groups = { "web" }, NoWait = true });
        pending.Pending.Single().Detail.ShouldBe("a needs no lease and has to end it itself, or must be confirmed off (hactl fence a --confirm-off)");
        _one.Alive().Length.ShouldBe(1);

        StartAgent();

        await _one.AreGone();
        await _everywhere.AreGone();
        await Eventually.Until("web is gone", Limit, async () => await GroupAsync() is null, () => string.Join('\n', _agent.Lines));
    }

    [Fact]
    public async Task A_deleted_host_that_comes_back_ends_what_it_still_runs()
    {
        await BeginAsync(new Member { Host = "a", Priority = 120 });
        await KillAgentAsync();
        await _plane.DeleteAsync(new() { Groups = { "web" }, Hosts = { "a" }, NoWait = true });
        await Eventually.Until("a is silent for long enough to be believed off", Limit,
            async () => (await _plane.Admin.ListHostsAsync(new())).Hosts.Single(h => h.Host.Name == "a").State == HostState.Dead, () => "");
        await _plane.FenceAsync(new() { Host = "a", ConfirmOff = true, Reason = "it has burnt down" });
        await Eventually.Until("group and host are gone", Limit, async () => (await _plane.Admin.ListHostsAsync(new())).Hosts.All(h => h.Host.Name != "a"), () => "");
        (await GroupAsync()).ShouldBeNull();
        (await _plane.Admin.ListEventsAsync(new() { Limit = 1000 })).Events.Single(e => e.Kind == "GroupDeleted").Message
            .ShouldBe("group/web is deleted: a has not confirmed the end of epoch 1, and ends it when it is heard again");
        _one.Alive().Length.ShouldBe(1);

        StartAgent();

        await _one.AreGone();
        await _two.AreGone();
        await _everywhere.AreGone();
        await _agent.UntilSaid("host 'a' was deleted by 127.0.0.1:");
    }

    private async Task BeginAsync(params Member[] members)
    {
        await ApplyAsync(members);
        StartAgent();
        await _one.Are(1);
        await _two.Are(1);
        await _everywhere.Are(1);
        await Eventually.Until("a owns it and all run", Limit, async () => (await _plane.Admin.ListProgramsAsync(new())).Programs
            .Count(l => l.Status?.State == ProgramState.Running) == 3, () => string.Join('\n', _agent.Lines));
    }

    private async Task ApplyAsync(params Member[] members)
    {
        var request = new ApplyRequest { Hosts = { new Host { Name = "a" }, new Host { Name = "b" } }, Groups = { Models.Group("web", members) } };
        request.Groups[0].Timing = Models.Calm(); // Nobody loses a lease because this machine is busy.
        foreach (var (name, command) in new[] { ("one", _one.Command), ("two", _two.Command), ("everywhere", _everywhere.Command) })
        {
            request.Programs.Add(new HaGrpc.V1.Program
            {
                Group = "web",
                Name = name,
                Command = command,
                StartTime = TimeSpan.Zero.ToProto(),
                RunOn = name == "everywhere" ? RunOn.All : RunOn.Owner,
            });
        }
        await _plane.ApplyAsync(request);
    }

    private void StartAgent() => _agent.Start(isolated: false,
    [
        "--host", "a", "--control-plane", _plane.GrpcUrl, "--run-dir", _agent.RunDirectory, "--state-dir", _agent.StateDirectory, "--shim", RunningHost.Shim,
    ]);

    private async Task KillAgentAsync()
    {
        _agent.Signal(Libc.SigKill);
        await _agent.UntilExited();
        await _plane.DetachedAsync("a"); // Until then it is said to stop its programs.
    }

    private async Task<GroupStatus?> GroupAsync() => (await _plane.Admin.ListGroupsAsync(new())).Groups.FirstOrDefault(g => g.Group.Name == "web");
}
