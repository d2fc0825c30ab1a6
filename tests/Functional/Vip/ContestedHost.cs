using System.Collections.Concurrent;
using System.Collections.Immutable;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Functional.Tests.Network;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.Vips;

/// <summary>A host that may own VIPs, a neighbour on its wire, and the duplicates that the host tells of; the agent's clock stands still
/// unless it is moved.</summary>
internal sealed class ContestedHost : IDisposable
{
    public const string StrangerMac = "02:00:00:00:00:09", OtherMac = "02:00:00:00:00:0a";

    /// <summary>How long to wait for what comes at once.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan Probing = Group.DefaultDuplicateProbeInterval;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private readonly ImmutableArray<Vip> _announced;

    /// <param name="announced">Those of <see cref="HostOnWire.Vips"/> that an owner announces.</param>
    public ContestedHost(params ImmutableArray<Vip> announced)
    {
        _announced = announced;
        if (announced.Any(v => v == HostOnWire.Vip6))
        {
            // The kernel's own one may not be used yet.
            Wire.Host.Ip("addr add fe80::1/64 dev eth0 nodad");
        }
        Neighbour = new(Wire);
        Network = Wire.OpenNetwork(Time);
        Network.Disturbed += disturbance =>
        {
            if (disturbance.Kind == DisturbanceKind.DuplicateAddress)
                Told.Enqueue(disturbance);
        };
        On(n => n.Prepare(HostOnWire.Vips));
    }

    public FakeTimeProvider Time { get; } = new();

    public HostOnWire Wire { get; } = new();

    public Neighbour Neighbour { get; }

    public HostNetwork Network { get; }

    public ConcurrentQueue<Disturbance> Told { get; } = new();

    /// <summary>Claims the VIPs under a lease.</summary>
    public void Own(TimeSpan probing = default, Func<bool>? mayAct = null)
    {
        On(n => n.RenewGate(HostOnWire.Vips, () => Lease));
        On(n => n.RenewAddresses(HostOnWire.Vips, Lease));
        On(n => n.Announce(_announced, mayAct ?? (() => true), probeInterval: probing));
    }

    /// <summary>Does what has to go well.</summary>
    public void On(Func<HostNetwork, NetworkOutcome> act) => Wire.Host.Do(() => act(Network)).ToString().ShouldBe("");

    public void Dispose()
    {
        Neighbour.Dispose();
        Wire.Dispose();
    }
}
