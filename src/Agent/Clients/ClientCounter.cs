using System.ComponentModel;
using System.Globalization;
using System.Net;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Rehearsal;
using HaGrpc.Agent.Uplink;
using HaGrpc.Linux;
using HaGrpc.Linux.Sockets;
using HaGrpc.V1;
using Group = HaGrpc.Core.Model.Group;
using RunOn = HaGrpc.Core.Model.RunOn;

namespace HaGrpc.Agent.Clients;

/// <summary>Counts the clients that are connected to groups, when the control plane asks before something that would cut them off: on their VIPs,
/// and on the ports that the checks of their programs name as the programs' own.</summary>
/// <param name="host">This host's name.</param>
/// <param name="loop">Knows what is configured.</param>
/// <param name="outbox">Takes the answer.</param>
internal sealed class ClientCounter(string host, OwnershipLoop loop, Outbox outbox)
{
    private const int Most = 20_000, MostGroups = 1000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private int _counting;

    /// <summary>Answers the control plane, some time later. Never waits.</summary>
    public void Asked(ClientsAsked asked) => _ = Task.Run(() => outbox.Post(Answer(asked)));

    private ClientsCounted Answer(ClientsAsked asked)
    {
        var answer = new ClientsCounted { Id = asked.Id };
        // Whoever asks again and again gets no more of this host than one who asks once.
        if (Interlocked.Exchange(ref _counting, 1) == 1)
            return Unknown(answer, asked, "this host is asked by somebody else just now");
        try
        {
            var end = BootClock.Nanoseconds + (Longest.Ticks * 100);
            var listening = ListeningSocket.All().Select(s => s.Port).ToHashSet();
            answer.Groups.AddRange(asked.Groups.Take(MostGroups).Select(group => Count(group, listening, () => BootClock.Nanoseconds < end)));
            return answer;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception or FormatException)
        {
            answer.Groups.Clear();
            return Unknown(answer, asked, e.Message);
        }
        finally
        {
            Volatile.Write(ref _counting, 0);
        }
    }

    private GroupClients Count(string name, HashSet<int> listening, Func<bool> goOn)
    {
        if (loop.Groups.FirstOrDefault(g => g.Name == name) is not { } group)
            return new() { Group = name, Problem = $"{host} knows no such group" };
        var counted = TcpConnections.Count(AddressesOf(group), PortsOf(group), listening, Most, goOn);
        return new()
        {
            Group = name,
            Count = counted.Count,
            Problem = counted.Failure.Length > 0 ? counted.Failure
                : counted.IsAll ? ""
                : string.Create(CultureInfo.InvariantCulture, $"more than could be counted, at least {counted.Count}"),
        };
    }

    private static IEnumerable<IPAddress> AddressesOf(Group group) =>
        group.Vips.Select(v => IPAddress.TryParse(v.BareAddress, out var address) ? address : null).OfType<IPAddress>();

    private IEnumerable<int> PortsOf(Group group) => loop.Programs.Where(p => p.Name.Group == group.Name && p.RunOn != RunOn.All)
        .Select(p => HostExpansion.Of(p, host, out _)).OfType<Core.Model.Program>()
        .SelectMany(p => ProgramPorts.Of(p, host)).Where(p => p.IsItsOwn).Select(p => p.Port).Distinct();

    private static ClientsCounted Unknown(ClientsCounted answer, ClientsAsked asked, string why)
    {
        answer.Groups.AddRange(asked.Groups.Take(MostGroups).Select(group => new GroupClients { Group = group, Problem = why }));
        return answer;
    }
}
