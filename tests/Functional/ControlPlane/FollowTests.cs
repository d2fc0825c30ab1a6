using System.Globalization;
using System.Text.Json;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Lab.Kernel;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>hactl events --follow while the control plane comes and goes.</summary>
public sealed class FollowTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hagrpc-follow-");

    // A loopback address of its own: the port is the same after each restart, and nobody else's.
    private readonly string _address = string.Create(
        CultureInfo.InvariantCulture, $"127.{Environment.ProcessId % 250}.{Environment.ProcessId / 250 % 250}.7:7443");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_follower_sees_every_event_once_over_killed_and_stopped_control_planes()
    {
        var hosts = new List<string> { "first" };
        await using var follower = await FollowAsync();
        foreach (var end in new[] { Libc.SigKill, Libc.SigTerm, Libc.SigKill })
        {
            // What is stored while the follower is away comes too: it is stored before the follower can be back.
            await using var plane = await StartAsync();
            for (var i = 0; i < 5; i++)
                hosts.Add(await RegisterAsync(string.Create(CultureInfo.InvariantCulture, $"h{hosts.Count:D2}")));
            plane.Signal(end);
            await plane.ExitCodeAsync();
        }
        await using var last = await StartAsync();
        hosts.Add(await RegisterAsync("last"));
        await follower.LineAsync("host/last registered");

        var events = follower.Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        events.Select(e => e.GetProperty("host").GetString()).ShouldBe(hosts);
        events.Select(e => e.GetProperty("id").GetInt64()).ShouldBeInOrder(SortDirection.Ascending);
        follower.Output.ShouldContain("trying again until Ctrl-C");
        follower.Output.ShouldContain("again, nothing was missed");

        follower.Signal(Libc.SigInt);
        (await follower.ExitCodeAsync()).ShouldBe(130);
    }

    [Fact]
    public async Task A_history_that_knows_less_than_its_reader_is_said_and_not_waited_for()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(new() { Hosts = { new Host { Name = "a" } } });
        using var watch = plane.Admin.WatchEvents(new() { ResumeAfter = 1000 });
        var refused = await Should.ThrowAsync<Grpc.Core.RpcException>(() => watch.ResponseStream.MoveNext(CancellationToken.None));
        refused.StatusCode.ShouldBe(Grpc.Core.StatusCode.OutOfRange);
        refused.Status.Detail.ShouldBe("resume_after: 1000 is no event of this history, its newest is 1: begin anew without it");
    }

    /// <summary>A follower that has seen one event and lost its control plane.</summary>
    private async Task<RunningProcess> FollowAsync()
    {
        await using var first = await StartAsync();
        await RegisterAsync("first");
        var follower = RunningProcess.Start("hactl", "events", "--follow", "-o", "json", "--endpoint", $"http://{_address}");
        await follower.LineAsync("host/first registered");
        first.Signal(Libc.SigTerm);
        await first.ExitCodeAsync();
        await follower.LineAsync("it is shutting down; trying again until Ctrl-C");
        return follower;
    }

    private async Task<string> RegisterAsync(string host)
    {
        var run = await Operator.RunWithAsync($"http://{_address}", $"hosts: [{{name: {host}}}]", "apply", "-f", "-");
        run.Code.ShouldBe(0, run.Error);
        return host;
    }

    private async Task<RunningProcess> StartAsync()
    {
        var process = RunningProcess.Start(
            "ha-controlplane", $"--listen-grpc={_address}", "--listen-http=127.0.0.1:0", $"--sqlite={_folder.FullName}/plane.db");
        await process.LineAsync("serves agents and hactl");
        await process.LineAsync("Application started");
        return process;
    }
}
