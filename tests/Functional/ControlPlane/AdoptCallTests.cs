using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>A hand-over among several members.</summary>
public sealed class AdoptCallTests
{
    [Fact]
    public async Task It_goes_to_the_host_that_has_it_and_stays_there_while_it_is_locked()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Groups[0].Mode = SupervisionMode.Observe;
        model.Programs[0].DesiredState = DesiredState.Stopped;
        (await plane.ApplyAsync(model)).Errors.ShouldBeEmpty();
        // a has the higher priority, b the processes.
        await using var a = await AttachAsync(plane, "a", []);
        await using var b = await AttachAsync(plane, "b", ["http", "db"]);
        await a.BeatAsync();
        await b.BeatAsync();
        (a.Owns("web"), b.Owns("web")).ShouldBe((false, false), "nobody is promoted for what is observed");
        var observed = await Operator.RunAsync(plane.GrpcUrl, "observe", "web");
        observed.Out.ShouldContain("b, the first owner");
        observed.Out.ShouldEndWith("web can be handed over: hactl adopt web\n");

        // The doubles report no programs: it is not waited for them.
        var adopted = Operator.RunAsync(plane.GrpcUrl, "adopt", "web", "--reason", "the move");
        await b.OwnAsync("web");
        var group = (await plane.Admin.ListGroupsAsync(new())).Groups.Single();
        (group.Owner, group.Group.Mode, group.Group.HandedTo).ShouldBe(("b", SupervisionMode.Manage, "b"));
        // The epoch of the hand-over, when its owner is heard before the leader looks whether anybody has a lease for it; else the next one.
        group.Epoch.ShouldBeInRange(1, 2);
        if (group.Epoch == 2)
            group.LastReason.ShouldBe("it was handed over as it ran on b");
        group.Locks.Single().Reason.ShouldBe("handed over on b; unlock it when everything is");
        (await plane.Registry.ExportAsync(new())).Programs.Single(p => p.Name == "http").Handed.Single().Host.ShouldBe("b");
        var http = (await plane.Admin.ListProgramsAsync(new() { Selectors = { "web:http" } })).Programs.Single();
        (http.Program.DesiredState, http.Desired.Reason).ShouldBe((DesiredState.Running, "the move"));
        await a.BeatAsync();
        a.Owns("web").ShouldBeFalse();
        (await adopted).Out.ShouldContain("web:http: handed over, but b says nothing of it yet");
        (await Operator.RunAsync(plane.GrpcUrl, "adopt", "web")).Error.ShouldContain("web is managed already, and so is each of its programs");
    }

    [Fact]
    public async Task It_is_waited_for_what_happens_and_for_no_clock()
    {
        // This clock stands still: whatever looks again after a while never does.
        await using var plane = await InProcessPlane.StartAtAsync(new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        await Until.HoldsAsync(plane.LeadsAsync, "it leads");
        var model = Models.Web();
        model.Groups[0].Mode = SupervisionMode.Observe;
        (await plane.ApplyAsync(model)).Errors.ShouldBeEmpty();
        await using var a = await AttachAsync(plane, "a", []);
        await using var b = await AttachAsync(plane, "b", ["http", "db"]);
        await a.BeatAsync();
        await b.BeatAsync();
        var adopted = Operator.RunAsync(plane.GrpcUrl, "adopt", "web");
        // The programs first: then the call waits for the group alone, which no report of programs tells of.
        await b.SendAsync(new()
        {
            ProgramReport = new()
            {
                Complete = true,
                Programs =
                {
                    new ProgramStatus { Group = "web", Name = "http", State = ProgramState.Running, Pid = 100 },
                    new ProgramStatus { Group = "web", Name = "db", State = ProgramState.Running, Pid = 101 },
                },
            },
        });
        await b.OwnAsync("web");
        (await adopted.WaitAsync(Until.Bound)).Out.ShouldContain("web:http: adopted pid 100 on b");
    }

    [Fact]
    public async Task Agents_that_do_not_observe_are_told_nothing_and_stand_in_the_way()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Groups[0].Mode = SupervisionMode.Observe;
        (await plane.ApplyAsync(model)).Errors.ShouldBeEmpty();
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await using var b = await AttachAsync(plane, "b", []);
        await a.BeatAsync();
        await b.BeatAsync();
        await Until.HoldsAsync(() => Task.FromResult(b.Configuration.Groups.Count == 1), "b is told of it");
        a.Configuration.Groups.ShouldBeEmpty();
        var refused = await Operator.RunAsync(plane.GrpcUrl, "adopt", "web");
        refused.Error.ShouldContain("a cannot be asked what it has of web: its agent, version 0.1.0, does not observe yet");
    }

    internal static async Task<AgentDouble> AttachAsync(InProcessPlane plane, string host, string[] programs)
    {
        var hello = AgentDouble.HelloOf(host);
        hello.Observes = true;
        var agent = await AgentDouble.AttachAsync(plane.GrpcUrl, hello, null);
        agent.OnObservation = asked => new()
        {
            Id = asked.Id,
            BootId = hello.BootId,
            Programs =
            {
                programs.Select((name, i) => new ObservedProcesses
                {
                    Program = $"web:{name}",
                    IsObserved = true,
                    Processes = { new ObservedProcess { Pid = 100 + i, StartTime = 7, Command = "/bin/true" } },
                }),
            },
        };
        return agent;
    }
}
