using System.Collections.Immutable;

namespace HaGrpc.Core.Model;

/// <summary>A machine that runs an agent.</summary>
/// <param name="Name">Unique name; the agent's certificate carries it when mutual TLS is on.</param>
/// <param name="Description">Free text for operators; may be empty.</param>
public sealed record Host(string Name, string Description = "")
{
    /// <summary>How it is switched off from outside; null when it cannot be.</summary>
    public FenceDevice? Fence { get; init; }
}

/// <summary>What fails over as one: virtual IPs, routes and an ordered program set.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Members">The hosts that may own it; one member is plain supervision without a lease (rule L6).</param>
/// <param name="Vips">Virtual IP addresses of the owner.</param>
/// <param name="Routes">Routes of the owner.</param>
/// <param name="Timing">The times of the ownership protocol.</param>
/// <param name="Failback">What happens when a preferred member comes back.</param>
/// <param name="Locked">True: never moved by itself (rule C2).</param>
public sealed record Group(
    string Name,
    ImmutableArray<Member> Members,
    ImmutableArray<Vip> Vips,
    ImmutableArray<Route> Routes,
    GroupTiming Timing,
    Failback Failback,
    bool Locked = false)
{
    /// <summary>A minute: a switch forgets a silent machine after five, a neighbour asks again by itself in between, and 60 packets an
    /// hour and VIP load nobody.</summary>
    public static readonly TimeSpan DefaultAnnounceInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long from one announcement of a VIP by the clock to the next; zero: only when something happened.</summary>
    public TimeSpan AnnounceInterval { get; init; } = DefaultAnnounceInterval;

    /// <summary>With the answer a machine that has a VIP too is known within a second.</summary>
    public static readonly TimeSpan DefaultDuplicateProbeInterval = TimeSpan.FromMilliseconds(900);

    /// <summary>How often the owner asks who else has a VIP; zero: only at a takeover and with each announcement by the clock.</summary>
    public TimeSpan DuplicateProbeInterval { get; init; } = DefaultDuplicateProbeInterval;

    /// <summary>True: TCP connections of its VIPs are dropped on the host that gives it up or loses it.</summary>
    public bool DropConnections { get; init; }

    /// <summary>What is run when a host gets or loses it, in this order.</summary>
    public ImmutableArray<Hook> Hooks
    {
        // What was stored before there were hooks has none.
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>What every member asks of its own host, in this order.</summary>
    public ImmutableArray<HostCheck> Checks
    {
        // What was stored before there were checks has none.
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>How often it may move by itself; null for as often as it must.</summary>
    public FlapBudget? FlapBudget { get; init; }

    /// <summary>Whether the host of a lost owner must be confirmed off before another member takes over.</summary>
    public Fencing Fencing { get; init; }

    /// <summary>Groups that name the same are to be on one host (keepalived's <c>vrrp_sync_group</c>); empty for none.</summary>
    public string SyncGroup { get; init; } = "";

    /// <summary>What its programs need the same on every member.</summary>
    public ImmutableArray<GroupDirectory> Directories
    {
        // What was stored before there were directories has none.
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>Whether it is ours to run, or is only watched while somebody else runs it.</summary>
    public SupervisionMode Mode { get; init; }

    /// <summary>The host that had it when it was handed over; empty when it never was.</summary>
    public string HandedTo { get; init; } = "";
}

/// <summary>A group that goes to and fro is worse than one that stays: what nobody asked for is done so often, then it is held.</summary>
/// <param name="Moves">How many changes of host, 1 to 100.</param>
/// <param name="Window">In how long, 1 s to 168 h.</param>
public sealed record FlapBudget(int Moves, TimeSpan Window);

/// <summary>A host's participation in a group.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Priority">1 to 255; the live member with the highest one is preferred (keepalived's meaning).</param>
public sealed record Member(string Host, int Priority);

/// <summary>A virtual IP address.</summary>
/// <param name="Address">Address with prefix length, for example <c>192.0.2.10/32</c>.</param>
/// <param name="Interface">Name of the interface that carries it, at most 15 bytes (IFNAMSIZ).</param>
/// <param name="Label">Optional IPv4 label: the interface's name, a colon and more, at most 15 bytes; else empty.</param>
/// <param name="Script">Absolute path of what has the network send the address's packets to the owner; empty where ARP and neighbour
/// discovery do.</param>
public sealed record Vip(string Address, string Interface, string Label = "", string Script = "")
{
    /// <summary>The address without its prefix length.</summary>
    public string BareAddress => Address.Split('/')[0];
}

/// <summary>A route that follows the group.</summary>
/// <param name="Destination">Prefix in CIDR notation, or <c>default</c>.</param>
/// <param name="Gateway">Next hop; empty for an on-link route.</param>
/// <param name="Interface">Name of the outgoing interface.</param>
/// <param name="Source">Preferred source address; empty for the kernel's choice.</param>
public sealed record Route(string Destination, string Gateway, string Interface, string Source = "");

/// <summary>When a group returns to a preferred member.</summary>
public enum FailbackMode
{
    /// <summary>Never by itself (keepalived's <c>nopreempt</c>).</summary>
    Manual,

    /// <summary>Once the preferred member has been live for the delay (keepalived's <c>preempt_delay</c>).</summary>
    Automatic,
}

/// <summary>The failback policy of a group.</summary>
/// <param name="Mode">Manual or automatic.</param>
/// <param name="Delay">How long the preferred member must have been live; only with <see cref="FailbackMode.Automatic"/>.</param>
public sealed record Failback(FailbackMode Mode, TimeSpan Delay)
{
    /// <summary>When it may begin; null for at any time. Only with <see cref="FailbackMode.Automatic"/>.</summary>
    public FailbackWindow? Window { get; init; }
}
