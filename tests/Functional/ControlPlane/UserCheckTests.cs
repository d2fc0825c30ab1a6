using HaGrpc.Functional.Tests.Compat;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>A user that a host lacks is refused when a program is registered, not found out when it starts.</summary>
public sealed class UserCheckTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hagrpc-users-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_user_that_a_connected_host_does_not_have_is_refused_with_all_other_errors()
    {
        await using var agent = await ServedAgent.StartAsync(_folder, [new("app", "web", "/bin/sleep 1000", Autostart: true)]);
        var request = new ApplyRequest { Programs = { With("one", "nosuchuser"), With("two", "nobody"), With("three", "47110815"), With("zero", "0"), With("four", "nosuchuser") } };
        request.Programs[1].Priority = -1;
        var group = Models.Group("app", new Member { Host = "a", Priority = 100 });
        foreach (var (name, user) in new[] { ("first", "nobody"), ("second", "nosuchuser") })
            group.Hooks.Add(new Hook { Name = name, User = user, Events = { HookEvent.Promote }, Command = { "/bin/true" } });
        group.Checks.Add(new HostCheck { Name = "disk", User = "nosuchuser", Exec = { "/bin/true" } });
        request.Groups.Add(group);
        var response = await agent.Plane.Admin.ApplyAsync(request);
        response.Errors.Select(e => $"{e.Path}: {e.Value}: {e.Message}").Order().ShouldBe([
            "groups[0].checks[0].user: nosuchuser: no such user on host a: create it there, or name one that every member has",
            "groups[0].hooks[1].user: nosuchuser: no such user on host a: create it there, or name one that every member has",
            "programs[0].user: nosuchuser: no such user on host a: create it there, or name one that every member has",
            "programs[1].priority: -1: must be 0 to 9999",
            "programs[2].user: 47110815: no such user on host a: create it there, or name one that every member has",
            "programs[4].user: nosuchuser: no such user on host a: create it there, or name one that every member has",
        ]);
        response.Changes.ShouldBeEmpty();
        (await agent.ProgramsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_host_that_is_not_connected_keeps_nobody_from_registering()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var web = Models.Web();
        web.Programs[0].User = "nosuchuser";
        await plane.ApplyAsync(web);
    }

    private static HaGrpc.V1.Program With(string name, string user)
    {
        var program = Models.Program("app", name);
        program.User = user;
        program.DesiredState = DesiredState.Stopped;
        return program;
    }
}
