using System.Net;
using System.Net.Sockets;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Linux;
using HaGrpc.Linux.Sockets;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Vips;

/// <summary>TCP connections of VIPs end with the ownership where the group asks for it; a process outside of the group has them here.</summary>
public sealed class ConnectionTests : IDisposable
{
    private const int Port = 4001;
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);
    private readonly HostOnWire _wire = new();
    private readonly List<Socket> _sockets = [];
    private readonly Socket _listener;

    /// <summary>One socket for both families: an IPv4 connection of it has mapped addresses.</summary>
    public ConnectionTests()
    {
        _listener = _wire.Host.Do(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true });
        _listener.Bind(new IPEndPoint(IPAddress.IPv6Any, Port));
        _listener.Listen();
        _sockets.Add(_listener);
    }

    public void Dispose()
    {
        _sockets.ForEach(s => s.Dispose());
        _wire.Dispose();
    }

    [Fact]
    public async Task Clients_of_a_vip_are_reset_and_others_are_not()
    {
        using var own4 = _wire.Host.Do(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        own4.Bind(new IPEndPoint(IPAddress.Any, Port + 1));
        own4.Listen();
        var network = Own();
        var (four, six, plain) = (Connect(HostOnWire.Address4), Connect(HostOnWire.Address6), Connect(HostOnWire.Address4, own4));
        var other = Connect(HostOnWire.Host4);
        var dropped = await Drop(network);
        dropped.ShouldBe(new DroppedConnections(3, IsAll: true, ""));
        foreach (var (client, server) in new[] { four, six, plain })
        {
            ErrorOf(client).ShouldBe(SocketError.ConnectionReset);
            ErrorOf(server).ShouldBe(SocketError.ConnectionAborted);
        }
        other.Client.Send([7]).ShouldBe(1);
        other.Server.Receive(new byte[1]).ShouldBe(1);

        // What listens goes on listening.
        IsAlive(Connect(HostOnWire.Address4).Client).ShouldBeTrue();
    }

    /// <summary>Both ends are on this host.</summary>
    [Fact]
    public async Task A_client_on_the_owner_itself_hears_of_it_too()
    {
        var network = Own();
        var (client, server) = Connect(HostOnWire.Address4, from: _wire.Host);
        // The RST of the first one may end the second one.
        (await Drop(network)).Count.ShouldBeInRange(1, 2);
        ErrorOf(client).ShouldBeOneOf(SocketError.ConnectionAborted, SocketError.ConnectionReset);
        ErrorOf(server).ShouldBeOneOf(SocketError.ConnectionAborted, SocketError.ConnectionReset);
    }

    [Fact]
    public void It_stops_at_its_bounds()
    {
        _ = Own();
        _ = Connect(HostOnWire.Address4);
        _ = Connect(HostOnWire.Address4);
        _ = Connect(HostOnWire.Address4);
        _wire.Host.Do(() => TcpConnections.Drop([HostOnWire.Address4], 10, () => false)).ShouldBe(new(0, IsAll: false, ""));
        _wire.Host.Do(() => TcpConnections.Drop([HostOnWire.Address4], 2, () => true)).ShouldBe(new(2, IsAll: false, ""));
        _wire.Host.Do(() => TcpConnections.Drop([HostOnWire.Address4], 10, () => true)).ShouldBe(new(1, IsAll: true, ""));
    }

    [Fact]
    public void Clients_are_counted_once_at_the_end_where_something_listens()
    {
        _ = Own();
        var listening = _wire.Host.Do(() => ListeningSocket.All().Select(s => s.Port).ToHashSet());
        Count([HostOnWire.Address4, HostOnWire.Address6]).ShouldBe(new(0, IsAll: true, ""));
        _ = Connect(HostOnWire.Address4);
        _ = Connect(HostOnWire.Address6);
        _ = Connect(HostOnWire.Host4);
        _ = Connect(HostOnWire.Address4, from: _wire.Host);
        Count([HostOnWire.Address4, HostOnWire.Address6]).ShouldBe(new(3, IsAll: true, ""), "the other end of the local one is no client of ours");
        Count([HostOnWire.Address4], Port).ShouldBe(new(4, IsAll: true, ""), "the port counts on every address, and nobody twice");
        Count([HostOnWire.Address4], most: 1).ShouldBe(new(1, IsAll: false, ""));
        Count([IPAddress.Parse("203.0.113.9")]).ShouldBe(new(0, IsAll: true, ""));

        DroppedConnections Count(IPAddress[] addresses, int port = 0, int most = 100) => _wire.Host.Do(
            () => TcpConnections.Count(addresses, port == 0 ? [] : [port], listening, most, () => true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_release_resets_clients_where_the_group_asks_for_it(bool wanted)
    {
        using var agent = new RunningAgent();
        agent.Store(Group(wanted, "a"), new View(1, [], null));
        agent.StartIn(_wire.Host);
        await agent.UntilSaid("OwnershipResumed web@1");
        var (client, server) = Connect(HostOnWire.Address4);
        agent.Signal(Libc.SigTerm);
        (await agent.UntilExited()).ShouldBe(0);

        if (wanted)
        {
            ErrorOf(client).ShouldBe(SocketError.ConnectionReset, "the gate was still open");
            agent.Lines.ShouldContain(l => l.Contains("ConnectionsDropped web@1: 1 TCP connections", StringComparison.Ordinal));
        }
        else
        {
            IsAlive(client).ShouldBeTrue();
            IsAlive(server).ShouldBeTrue();
            agent.Lines.ShouldNotContain(l => l.Contains("ConnectionsDropped", StringComparison.Ordinal));
        }
    }

    /// <summary>The gate has shut by itself, so nobody else hears of it; but what this host's processes have ends.</summary>
    [Fact]
    public async Task A_lease_that_lapses_ends_what_local_processes_have()
    {
        using var agent = new RunningAgent();
        var lease = await RunningAgent.LeaseAsync(TimeSpan.FromSeconds(4));
        agent.Store(Group(true, "a", "b"), new View(1, ["b"], lease));
        agent.StoreDeadline(RunningHost.Group, BootClock.Nanoseconds + (long)lease.TotalNanoseconds);
        agent.StartIn(_wire.Host);
        await agent.UntilSaid("OwnershipResumed web@1");
        var (client, server) = Connect(HostOnWire.Address4);
        await agent.UntilSaid("LeaseLapsed web@1");
        ErrorOf(server).ShouldBe(SocketError.ConnectionAborted);
        IsAlive(client).ShouldBeTrue("the next owner tells it, with its first packet");
        await agent.UntilSaid("ConnectionsDropped web@1");
    }

    private static Group Group(bool dropConnections, params string[] members) => new(
        RunningHost.Group,
        [.. members.Select((host, i) => new Member(host, 100 - i))],
        [HostOnWire.Vip4],
        [],
        new GroupTiming(TimeSpan.FromSeconds(1.5), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(200)),
        new Failback(FailbackMode.Manual, TimeSpan.Zero))
    {
        DropConnections = dropConnections,
    };

    private HostNetwork Own()
    {
        var network = _wire.OpenNetwork();
        _wire.Host.Do(() =>
        {
            network.Prepare(HostOnWire.Vips).ToString().ShouldBe("");
            network.RenewGate(HostOnWire.Vips, () => Lease).ToString().ShouldBe("");
            network.RenewAddresses(HostOnWire.Vips, Lease).ToString().ShouldBe("");
        });
        return network;
    }

    private Task<DroppedConnections> Drop(HostNetwork network) => _wire.Host.Do(() => network.DropConnectionsAsync(HostOnWire.Vips));

    private (Socket Client, Socket Server) Connect(IPAddress address, Socket? listener = null, NetworkSpace? from = null)
    {
        var client = (from ?? _wire.Peer).Do(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        client.ReceiveTimeout = 60_000;
        _sockets.Add(client);
        client.Connect(address, listener is null ? Port : Port + 1);
        var server = (listener ?? _listener).Accept();
        server.ReceiveTimeout = 60_000;
        _sockets.Add(server);
        return (client, server);
    }

    private static SocketError ErrorOf(Socket socket) => Should.Throw<SocketException>(() => socket.Receive(new byte[1])).SocketErrorCode;

    /// <summary>It would be readable with an end or an error.</summary>
    private static bool IsAlive(Socket socket) => !socket.Poll(0, SelectMode.SelectRead);
}
