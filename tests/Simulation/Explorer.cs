using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Every interleaving of two agents and one control plane, breadth first, to a stated depth: each step is one message, one write, one
/// instant at which time matters, or a fault. HAGRPC_DEPTH asks for more.
/// </summary>
public sealed class Explorer(ITestOutputHelper output)
{
    private static int Depth => int.TryParse(Environment.GetEnvironmentVariable("HAGRPC_DEPTH"), out var depth) ? depth : 6;

    /// <summary>From a cluster that is settled, from an owner that lives by promises, from one that nobody reaches and whose lease is about
    /// to end, and from a control plane that has just started and does not hear the owner; with two faults at any moments.</summary>
    [Theory]
    [InlineData("settled")]
    [InlineData("vouched")]
    [InlineData("isolated")]
    [InlineData("new leader")]
    public void No_interleaving_lets_two_hosts_act(string from)
    {
        var (states, broken) = Explore(from, Rule.None, Depth);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{from}: {states} states to depth {Depth}, two faults"));
        broken.ShouldBe("");
        states.ShouldBeGreaterThan(300);
    }

    /// <summary>It can fail: a leader that does not wait for owners that it has not heard promotes the other host.</summary>
    [Fact]
    public void Without_a_rule_some_interleaving_does() =>
        Explore("new leader", Rule.C1LeaderWaits, 2).Broken.ShouldStartWith("a and b hold the lease at once");

    private static ExploredState Begin(string from, Rule removed)
    {
        var state = new ExploredState(removed);
        state.Settle(TimeSpan.FromSeconds(8), 0);
        switch (from)
        {
            case "vouched":
                state.CutOwner(fromPeersToo: false);
                state.Settle(TimeSpan.FromSeconds(3), 0);
                break;
            case "isolated":
                state.CutOwner(fromPeersToo: true);
                state.Settle(TimeSpan.FromMilliseconds(1150), 0);
                break;
            case "new leader":
                state.CutOwner(fromPeersToo: true);
                state.RestartPlane();
                state.Settle(TimeSpan.FromMilliseconds(700), 0);
                break;
            default:
                break;
        }
        state.Settle(TimeSpan.Zero, 2);
        return state;
    }

    private static (int States, string Broken) Explore(string from, Rule removed, int depth)
    {
        var root = Begin(from, removed);
        if (root.Broken.Length > 0)
            return (1, root.Broken);
        var seen = new HashSet<(ulong, ulong)> { Print(root) };
        var level = new List<(ExploredState State, string Path)> { (root, "") };
        for (var i = 0; i < depth && level.Count > 0; i++)
        {
            var next = new ConcurrentBag<(ExploredState State, string Path, (ulong, ulong) Print)>();
            Parallel.ForEach(level, at =>
            {
                foreach (var choice in at.State.Choices())
                {
                    var after = ObjectGraph.Copy(at.State);
                    after.Take(choice);
                    next.Add((after, $"{at.Path}, {choice}", Print(after)));
                }
            });
            // The same way is told of the same state, whichever processor came first.
            level.Clear();
            foreach (var (state, path, print) in next.OrderBy(n => n.Path, StringComparer.Ordinal))
            {
                if (!seen.Add(print))
                    continue;
                if (state.Broken is { Length: > 0 } broken)
                    return (seen.Count, $"{broken} after{path[1..]}");
                level.Add((state, path));
            }
        }
        return (seen.Count, "");
    }

    private static (ulong High, ulong Low) Print(ExploredState state)
    {
        var numbers = new List<long>(1024);
        ObjectGraph.Describe(state, new Dictionary<object, int>(ReferenceEqualityComparer.Instance), numbers);
        var hash = SHA256.HashData(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(numbers)));
        return (BitConverter.ToUInt64(hash, 0), BitConverter.ToUInt64(hash, 8));
    }
}
