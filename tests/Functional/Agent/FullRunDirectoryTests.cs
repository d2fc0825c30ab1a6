using HaGrpc.Functional.Tests.Compat;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.Agent;

/// <summary>/run is shared with everybody on the host: who fills it must not end an agent, nor what it owns.</summary>
public sealed class FullRunDirectoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hagrpc-full-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_group_that_has_no_room_for_its_deadline_is_not_taken_before_it_has_and_all_else_goes_on()
    {
        await using var agent = await ServedAgent.StartAsync(_folder, [new("solo", "solo", "/bin/sleep 1000", Autostart: true)]);
        await using var disk = await SmallDisk.MountAsync($"{Path.GetDirectoryName(agent.Socket)}/groups", 64);
        disk.Fill();
        await agent.Plane.ApplyAsync(new ApplyRequest
        {
            Groups = { Models.Group("late", new Member { Host = "a", Priority = 100 }) },
            Programs = { new Wanted("late", "late", "/bin/sleep 1000", Autostart: true).ToProto(_folder) },
        });
        await agent.UntilSaid("/late/deadline: No space left on device");
        (await agent.SayAsync("status solo")).ShouldContain("RUNNING");
        (await agent.SayAsync("status late")).ShouldContain("STOPPED");

        disk.Free();
        await agent.UntilAsync("late is taken", lines => lines.Count(l => l.Status?.State == ProgramState.Running) == 2);
    }
}
