using HaGrpc.Core.Model;

namespace HaGrpc.Lab.Faults;

/// <summary>How soon the client has to be answered: the one place where the protocol's times become bounds.</summary>
/// <param name="timing">The group's times: D, h and μ.</param>
internal sealed class FaultBounds(GroupTiming timing)
{
    /// <summary>For a machine that does other things as well: a client that is not answered for less is not said to be unanswered. What
    /// the group itself did shows in its programs and epochs anyway.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>What the set's five programs take from the first one's start until the last one serves.</summary>
    private static readonly TimeSpan ProgramStart = TimeSpan.FromSeconds(1);

    /// <summary>A process of ours starts.</summary>
    private static readonly TimeSpan ProcessStart = TimeSpan.FromSeconds(3);

    /// <summary>An agent finds the control plane again when the way to it is free: an attempt that hangs is given up after 10 s at most, and
    /// after 1 s at most comes the next one.</summary>
    private static readonly TimeSpan Return = TimeSpan.FromSeconds(11);

    /// <summary>From the last strike: D (C3, or a promise of that length, C4) + 1 % of D + μ, two heartbeats (the loss is noticed, a seal is
    /// told), programs' start, slack.</summary>
    public TimeSpan Takeover => (1.01 * timing.Ttl) + timing.TakeoverMargin + (2 * timing.Heartbeat) + ProgramStart + Slack;

    /// <summary>On a poor wire: retransmissions of TCP wait twice as long each time, so that only an order of magnitude can be promised.</summary>
    public TimeSpan OnPoorWire => (3 * Takeover) + Return;

    /// <summary>From the end of the healing: a process starts, agents return, a new leader or agent waits for what it may have forgotten
    /// (C1, S1), and then a takeover.</summary>
    public TimeSpan Healing => ProcessStart + Return + (1.01 * timing.Ttl) + timing.TakeoverMargin + Takeover;

    /// <summary>After so long everything has happened that the loss of a lease leads to.</summary>
    public TimeSpan Hold => 3 * (timing.Ttl + timing.TakeoverMargin);

    /// <summary>The second fault comes so much after the first at the latest: shortly after a takeover would have happened.</summary>
    public TimeSpan LongestGap => 1.5 * (timing.Ttl + timing.TakeoverMargin) + (Slack / 2);
}
