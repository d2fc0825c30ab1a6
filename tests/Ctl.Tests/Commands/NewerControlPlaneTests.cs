using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>A control plane that says what this hactl has no word for: nothing of it passes for something else.</summary>
public sealed class NewerControlPlaneTests
{
    [Fact]
    public async Task A_state_of_an_approval_is_none_of_those_that_are_known()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Guard.OnApproval = _ => new() { Id = 7, State = (ApprovalState)99 };
        (await plane.RunAsync("stop", "web", "--approval", "7")).Error
            .ShouldBe("hactl: refused: approval 7 is in a state that only a newer hactl knows; nothing was done\n");
    }

    [Fact]
    public async Task A_lock_of_another_scope_is_not_one_of_everything()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnLocks = _ => new() { Locks = { new OperatorLock { Target = new() { Scope = (LockScope)99, Name = "rack-2" }, LockedBy = "eve", LockedAt = new() } } };
        var run = await plane.RunAsync("locks");
        run.Out.ShouldContain("rack-2 (only a newer hactl knows what that is)");
        (await plane.RunAsync("locks", "-o", "json")).Out.ShouldContain("\"scope\": \"unknown\"");
    }

    [Fact]
    public async Task States_and_roles_are_unknown_where_they_were_numbers()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnPrograms = _ => new()
        {
            Programs = { new ProgramLine { Program = new() { Group = "web", Name = "http" }, Host = "a", Status = new() { State = (ProgramState)99, Detail = "frozen" } } },
        };
        (await plane.RunAsync("status")).Out.ShouldBe("web:http                         UNKNOWN   frozen, host a\n");
        plane.Admin.OnHosts = () => new() { Hosts = { new HostStatus { Host = new() { Name = "a" }, State = (HostState)99 } } };
        (await plane.RunAsync("hosts")).Out.ShouldContain("unknown");
        plane.Access.Accounts.Add(new() { Name = "eve", Role = (OperatorRole)99, CreatedAt = new() });
        var operators = (await plane.RunAsync("operator", "list")).Out;
        operators.ShouldContain("unknown");
        operators.ShouldNotContain("99");
    }
}
