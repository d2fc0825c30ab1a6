using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Faults;

/// <summary>The host's cable is pulled: both ends lose carrier.</summary>
internal sealed class CutLink(string target, LabHost host) : Fault("link-cut", target)
{
    public override Damage Damage => Damage.Loses(new(host.Name, "*"), new("*", host.Name));

    protected override Task Begin() => Topology.CutLink(host);

    protected override Task End() => Topology.RestoreLink(host);
}

/// <summary>The host hears everybody, nobody hears the host; carrier stays.</summary>
internal sealed class CutOutgoing(string target, LabHost host) : Fault("mute", target)
{
    public override Damage Damage => Damage.Loses(new Direction(host.Name, "*"));

    protected override Task Begin() => Topology.CutOutgoing(host);

    protected override Task End() => Topology.EndOutgoingCut(host);
}

/// <summary>Everybody hears the host, the host hears nobody; carrier stays.</summary>
internal sealed class CutIncoming(string target, LabHost host) : Fault("deaf", target)
{
    public override Damage Damage => Damage.Loses(new Direction("*", host.Name));

    protected override Task Begin() => Topology.CutIncoming(host);

    protected override Task End() => Topology.EndIncomingCut(host);
}

/// <summary>Two hosts do not reach each other; both reach all others.</summary>
internal sealed class CutBetween(string target, LabHost one, LabHost other) : Fault("cut", target)
{
    public override Damage Damage => Damage.Loses(new(one.Name, other.Name), new(other.Name, one.Name));

    protected override Task Begin() => Topology.CutBetween(one, other);

    protected override Task End() => Topology.EndCutBetween(one, other);
}

/// <summary>Of the frames from and to the host 30 in 100 are lost, each by chance.</summary>
internal sealed class LossyLink(string target, LabHost host) : Fault("loss", target)
{
    public override Damage Damage => Damage.Disturbs(host.Name);

    protected override Task Begin() => Topology.LoseSome(host, percent: 30);

    protected override Task End() => Topology.EndLoss(host);
}
