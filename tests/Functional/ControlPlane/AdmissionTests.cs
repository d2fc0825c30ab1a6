using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Who may not attach, and what the agent, the log, the history and hactl say about it.</summary>
public sealed class AdmissionTests : IAsyncLifetime
{
    private InProcessPlane? _plane;

    private InProcessPlane Plane => _plane!;

    public async ValueTask InitializeAsync()
    {
        _plane = await InProcessPlane.StartLeadingAsync();
        await Plane.ApplyAsync(Models.Web());
    }

    public ValueTask DisposeAsync() => Plane.DisposeAsync();

    [Fact]
    public async Task A_host_that_nobody_registered_is_refused_with_the_nearest_name()
    {
        await Plane.ApplyAsync(new() { Hosts = { new Host { Name = "node-left" } } });
        var status = await RefusedAsync(AgentDouble.HelloOf("node-lfet"));
        status.StatusCode.ShouldBe(StatusCode.NotFound);
        status.Detail.ShouldBe("host 'node-lfet' is not registered: hactl apply a manifest that names it; did you mean 'node-left'?");
        await IsToldAsync("node-lfet", status.Detail);
    }

    [Fact]
    public async Task A_second_machine_of_the_same_name_is_refused_and_the_first_one_stays()
    {
        var first = AgentDouble.HelloOf("a");
        await using var agent = await AgentDouble.AttachAsync(Plane.GrpcUrl, first, null);
        await agent.BeatAsync();
        var second = AgentDouble.HelloOf("a");

        var status = await RefusedAsync(second);

        status.StatusCode.ShouldBe(StatusCode.AlreadyExists);
        status.Detail.ShouldStartWith("host name 'a' is in use by another machine: 127.0.0.1:");
        status.Detail.ShouldContain($"(boot id {first.BootId})");
        status.Detail.ShouldContain($"(boot id {second.BootId}). Give one of them another name");
        await IsToldAsync("a", status.Detail);
        (await Operator.RunAsync(Plane.GrpcUrl, "hosts")).Out.ShouldMatch($@" an agent at \S+ was refused at \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\dZ: {Regex.Escape(status.Detail)}");
        await agent.BeatAsync();
        agent.Ended.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task The_same_machine_replaces_its_own_older_stream()
    {
        var hello = AgentDouble.HelloOf("a");
        await using var older = await AgentDouble.AttachAsync(Plane.GrpcUrl, hello, null);
        var restarted = hello.Clone();
        restarted.InstanceId = Guid.NewGuid().ToString();

        await using var newer = await AgentDouble.AttachAsync(Plane.GrpcUrl, restarted, null);

        var status = await older.EndAsync();
        (status.StatusCode, status.Detail[..48]).ShouldBe((StatusCode.Aborted, "replaced by a newer stream of host 'a' from 127."));
        await newer.BeatAsync();
    }

    [Theory]
    [InlineData(3600, "3600 s ahead")]
    [InlineData(-90, "90 s behind")]
    public async Task A_clock_that_is_off_is_refused_with_both_times_and_what_to_do(int seconds, string words)
    {
        var hello = AgentDouble.HelloOf("a");
        hello.WallClock = (TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(seconds)).ToTimestamp();
        var status = await RefusedAsync(hello);
        status.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        status.Detail.ShouldStartWith($"the clock of host 'a' is ");
        status.Detail.ShouldMatch(@"is \d+ s (ahead|behind): it says .*Z, the control plane says .*Z; at most 60 s are allowed\. Set the clock \(NTP\)");
        status.Detail.ShouldContain(words.Split(' ')[2]);
        await IsToldAsync("a", status.Detail);
    }

    [Fact]
    public async Task An_owner_whose_clock_steps_is_let_in_with_a_warning()
    {
        var hello = AgentDouble.HelloOf("a");
        await using (var owner = await AgentDouble.AttachAsync(Plane.GrpcUrl, hello, null))
            await owner.OwnAsync("web");
        hello.InstanceId = Guid.NewGuid().ToString();
        hello.WallClock = (TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1)).ToTimestamp();

        await using var again = await AgentDouble.AttachAsync(Plane.GrpcUrl, hello, null);

        await again.BeatAsync();
        await Until.HoldsAsync(
            () => Task.FromResult(Plane.Log().Any(l => l.Contains("it owns groups, but: the clock of host 'a' is ", StringComparison.Ordinal))),
            "the log warns");
    }

    [Fact]
    public async Task A_stranger_with_bytes_that_no_database_takes_does_not_stop_the_history()
    {
        (await RefusedAsync(AgentDouble.HelloOf("a\0\u001b[31m"))).StatusCode.ShouldBe(StatusCode.NotFound);
        var status = await RefusedAsync(AgentDouble.HelloOf("nobody"));
        await IsToldAsync("nobody", status.Detail);
    }

    [Theory]
    [InlineData("", "wall_clock is missing: this agent does not speak our protocol")]
    [InlineData("seven", "instance_id 'seven' and boot_id ")]
    public async Task A_hello_that_cannot_be_read_is_refused(string instance, string words)
    {
        var hello = AgentDouble.HelloOf("a");
        if (instance.Length > 0)
            hello.InstanceId = instance;
        else
            hello.WallClock = null;
        var status = await RefusedAsync(hello);
        status.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        status.Detail.ShouldStartWith(words);
    }

    private async Task<Status> RefusedAsync(Hello hello) =>
        (await Should.ThrowAsync<RpcException>(() => AgentDouble.AttachAsync(Plane.GrpcUrl, hello, null))).Status;

    private async Task IsToldAsync(string host, string reason)
    {
        await Until.HoldsAsync(
            () => Task.FromResult(Array.Exists(Plane.Log(), l => l.StartsWith("Warning refused an agent from 127.0.0.1:", StringComparison.Ordinal)
                && l.EndsWith(reason, StringComparison.Ordinal))),
            "the log has the refusal");
        await Until.HoldsAsync(
            async () => (await Plane.Admin.ListEventsAsync(new() { Filter = new() { Host = host } })).Events
                .Any(e => e.Kind == "AgentRefused" && e.Message.EndsWith(reason, StringComparison.Ordinal)),
            "the history has the refusal");
    }
}
