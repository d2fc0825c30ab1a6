using System.Net.NetworkInformation;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;

namespace HaGrpc.Functional.Tests.Agent;

/// <summary>The ownership loop's queue has an end, whoever floods it.</summary>
public sealed class LoopQueueTests
{
    [Fact]
    public void Messages_beyond_the_limit_are_refused_until_some_were_handled()
    {
        var queue = new LoopQueue();
        var handled = 0;
        for (var i = 0; i < LoopQueue.MostMessages; i++)
            queue.TryAddMessage(() => handled++).ShouldBeTrue();
        queue.TryAddMessage(() => handled++).ShouldBeFalse();
        queue.Add(() => { });
        queue.Count.ShouldBe(LoopQueue.MostMessages + 1, "what answers the loop's own acts is never refused");
        queue.Take()!();
        queue.TryAddMessage(() => handled++).ShouldBeTrue();
        while (queue.Take() is { } work)
            work();
        handled.ShouldBe(LoopQueue.MostMessages + 1);
    }

    [Fact]
    public void A_flapping_address_waits_once_and_the_latest_word_counts()
    {
        var queue = new LoopQueue();
        var told = new List<string>();
        var vips = new[] { new Vip("192.0.2.1/32", "eth0", ""), new Vip("192.0.2.2/32", "eth0", "") };
        for (var i = 0; i < 10_000; i++)
        {
            foreach (var vip in vips)
                queue.Add(new Disturbance(DisturbanceKind.AddressRemoved, vip, "eth0", $"{vip.Address} {i}"), d => told.Add(d.Detail));
        }
        queue.Count.ShouldBe(2);
        while (queue.Take() is { } work)
            work();
        told.ShouldBe(["192.0.2.1/32 9999", "192.0.2.2/32 9999"]);
        // Handled: the next one is news again.
        queue.Add(new Disturbance(DisturbanceKind.AddressRemoved, vips[0], "eth0", "again"), d => told.Add(d.Detail));
        queue.Count.ShouldBe(1);
    }

    [Fact]
    public void Each_of_several_claimants_of_an_address_is_told_of()
    {
        var queue = new LoopQueue();
        var told = new List<string>();
        var vip = new Vip("192.0.2.1/32", "eth0", "");
        foreach (var claimant in (ReadOnlySpan<string>)["020000000001", "020000000002", "020000000001"])
        {
            var disturbance = new Disturbance(DisturbanceKind.DuplicateAddress, vip, "eth0", claimant, PhysicalAddress.Parse(claimant));
            queue.Add(disturbance, d => told.Add(d.Detail));
        }
        while (queue.Take() is { } work)
            work();
        told.ShouldBe(["020000000001", "020000000002"]);
    }
}
