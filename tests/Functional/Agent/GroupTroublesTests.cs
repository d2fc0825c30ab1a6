using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Functional.Tests.Agent;

/// <summary>What heartbeats say for operators.</summary>
public sealed class GroupTroublesTests
{
    [Fact]
    public void Every_heartbeat_says_what_cannot_be_done_until_it_is_over()
    {
        var instance = Guid.NewGuid();
        using var outbox = new Outbox(instance, TimeProvider.System);
        outbox.Troubles.Set("web", "VIP 192.0.2.51", "exit code 1");
        outbox.Troubles.Set("web", "VIP 192.0.2.50", new string('x', 301));
        outbox.Troubles.Set("db", "VIP 192.0.2.60", "exit code 2");
        string[] all = ["db: VIP 192.0.2.60: exit code 2", $"web: VIP 192.0.2.50: {new string('x', 299)}…", "web: VIP 192.0.2.51: exit code 1"];
        Beat(1).ShouldBe(all);
        Beat(2).ShouldBe(all);

        outbox.Troubles.Set("web", "VIP 192.0.2.50", "");
        outbox.Troubles.Set("web", "VIP 192.0.2.51", "timed out");

        Beat(3).ShouldBe(["db: VIP 192.0.2.60: exit code 2", "web: VIP 192.0.2.51: timed out"]);

        string[] Beat(long seq)
        {
            outbox.Post(new Heartbeat(instance, seq, 0, [], [], [], TimeSpan.Zero));
            return [.. outbox.TakeNext()!.Heartbeat.Troubles.Select(t => $"{t.Group}: {t.Text}")];
        }
    }
}
