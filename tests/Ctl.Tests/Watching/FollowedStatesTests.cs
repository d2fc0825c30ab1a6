using System.CommandLine;
using Grpc.Core;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Tests.Commands;
using HaGrpc.Ctl.Watching;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Watching;

/// <summary>Programs as they stand, kept up to date by the control plane.</summary>
public sealed class FollowedStatesTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Pages_are_one_picture_changes_are_put_into_it_and_a_lost_stream_begins_anew()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var streams = 0;
        plane.States.OnWatch = async (_, stream, context) =>
        {
            if (++streams == 1)
            {
                await stream.WriteAsync(new() { Reset = true, More = true, Programs = { Line("a", 1) } });
                await stream.WriteAsync(new() { Programs = { Line("b", 1), Line("c", 1) } });
                await stream.WriteAsync(new() { Programs = { Line("a", 2) }, GonePrograms = { new GoneProgram { Group = "web", Name = "c", Host = "h" } } });
                throw new RpcException(new Status(StatusCode.Unavailable, "the leadership has changed"));
            }
            await stream.WriteAsync(new() { Reset = true, Programs = { Line("a", 3) } });
            await Task.Delay(Timeout.Infinite, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        };
        using var to = To(plane);
        using var states = new FollowedStates(Call(to), ["web"]);
        Told(await states.NextAsync(Long)).ShouldBe("a1 b1 c1");
        Told(await states.NextAsync(Long)).ShouldBe("a2 b1");
        Told(await states.NextAsync(Long)).ShouldBe("a3");
        Told(await states.NextAsync(TimeSpan.Zero)).ShouldBe("a3", "nothing has changed");
        (streams, plane.Admin.Asked.Count).ShouldBe((2, 0));
    }

    [Fact]
    public async Task An_older_control_plane_is_looked_at()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var looks = 0;
        plane.Admin.OnPrograms = _ => new() { Programs = { Line("b", ++looks), Line("a", looks) } };
        using var to = To(plane);
        using var states = new FollowedStates(Call(to), ["web"]);
        Told(await states.NextAsync(Long)).ShouldBe("a1 b1");
        Told(await states.NextAsync(Long)).ShouldBe("a2 b2");
    }

    [Fact]
    public async Task Who_is_refused_is_told_at_once()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.States.OnWatch = (_, _, _) => throw new RpcException(new Status(StatusCode.PermissionDenied, "the role viewer is missing"));
        using var to = To(plane);
        using var states = new FollowedStates(Call(to), ["web"]);
        (await Should.ThrowAsync<RpcException>(() => states.NextAsync(Long))).StatusCode.ShouldBe(StatusCode.PermissionDenied);
    }

    private static ControlPlane To(FakeControlPlane plane) => ControlPlane.To([new Endpoint(plane.Url, null, null, null)]);

    private static CommandRunner.Call Call(ControlPlane to) =>
        new(new RootCommand().Parse(""), to, FakeControlPlane.Nobody(), Json: false, JsonLines: false, TestContext.Current.CancellationToken);

    private static string Told(IReadOnlyList<ProgramLine> lines) => string.Join(' ', lines.Select(l => $"{l.Program.Name}{l.Status.Pid}"));

    private static ProgramLine Line(string name, int pid) => new()
    {
        Program = new() { Group = "web", Name = name },
        Host = "h",
        Status = new() { Group = "web", Name = name, State = ProgramState.Running, Pid = pid },
    };
}
