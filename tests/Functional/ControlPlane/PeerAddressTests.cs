using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What the control plane tells agents of each other.</summary>
public sealed class PeerAddressTests : IAsyncLifetime
{
    private InProcessPlane? _plane;

    private InProcessPlane Plane => _plane!;

    public async ValueTask InitializeAsync()
    {
        _plane = await InProcessPlane.StartLeadingAsync();
        await Plane.ApplyAsync(Models.Web());
        await Plane.ApplyAsync(new()
        {
            Hosts = { new Host { Name = "c" } },
            Groups = { Models.Group("lone", new Member { Host = "c", Priority = 1 }) },
        });
    }

    public ValueTask DisposeAsync() => Plane.DisposeAsync();

    [Fact]
    public async Task Fellows_are_told_at_once_and_again_when_the_address_changes()
    {
        await using var b = await AttachAsync(Hello("b", ":7450"));
        await using var c = await AttachAsync(Hello("c", ":7451"));
        var hello = Hello("a", ":7444");
        await using var a = await AttachAsync(hello);
        await ToldAsync(a, "b", "127.0.0.1:7450");
        await ToldAsync(b, "a", "127.0.0.1:7444");

        var moved = hello.Clone();
        (moved.InstanceId, moved.PeerAddress) = (Guid.NewGuid().ToString(), "db1.example.org:7555");
        await using var restarted = await AttachAsync(moved);
        await ToldAsync(b, "a", "db1.example.org:7555");
        await ToldAsync(restarted, "b", "127.0.0.1:7450");
        b.Configuration.Peers.Keys.ShouldBe(["a"], "neither itself nor a host of another group");
        b.Configuration.Groups.Select(g => g.Name).ShouldBe(["web"]);
        c.Configuration.Peers.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_address_that_is_none_is_told_to_the_operator_and_to_nobody_else()
    {
        await using var b = await AttachAsync(Hello("b", ":7450"));
        await using var a = await AttachAsync(Hello("a", "http://a:7444"));
        await Until.HoldsAsync(
            () => Task.FromResult(Plane.Log().Any(l => l.StartsWith("Warning where other agents are to reach a, ", StringComparison.Ordinal)
                && l.Contains("'http://a:7444' is neither HOST:PORT nor :PORT; right would be", StringComparison.Ordinal))),
            "the log says so");
        await a.BeatAsync();
        await b.BeatAsync();
        b.Configuration.Peers.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_agent_that_answers_none_is_no_address()
    {
        await using var a = await AttachAsync(Hello("a", ""));
        await using var b = await AttachAsync(Hello("b", ":7450"));
        await ToldAsync(a, "b", "127.0.0.1:7450");
        await b.BeatAsync();
        b.Configuration.Peers.ShouldBeEmpty();
    }

    private static Hello Hello(string host, string address)
    {
        var hello = AgentDouble.HelloOf(host);
        hello.PeerAddress = address;
        return hello;
    }

    private static Task ToldAsync(AgentDouble agent, string host, string address) => Until.HoldsAsync(
        () => Task.FromResult(agent.Configuration.Peers.TryGetValue(host, out var told) && told == address), $"{host} is told to be at {address}");

    private Task<AgentDouble> AttachAsync(Hello hello) => AgentDouble.AttachAsync(Plane.GrpcUrl, hello, null);
}
