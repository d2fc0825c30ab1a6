using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Observation;

/// <summary>Everything that watches one host.</summary>
internal sealed class HostObservers(LabHost host) : IDisposable
{
    public LabHost Host { get; } = host;

    public AddressObserver Addresses { get; } = new(host);

    public GateObserver Gate { get; } = new(host);

    public ProgramObserver Programs { get; } = new(host);

    public AnswerObserver Answers { get; } = new(host, Topology.Vip4);

    public void Dispose()
    {
        Addresses.Dispose();
        Gate.Dispose();
        Programs.Dispose();
        Answers.Dispose();
    }
}

/// <summary>Everything that watches the lab.</summary>
internal sealed class Observers(Topology topology) : IDisposable
{
    public HostObservers A { get; } = new(topology.A);

    public HostObservers B { get; } = new(topology.B);

    public AnnouncementObserver Announcements { get; } = new(topology.Client, Topology.Vip4, topology.A, topology.B);

    public Prober Prober { get; } = new(topology.Client, Topology.Vip4, Topology.HttpPort);

    public IReadOnlyList<HostObservers> Hosts => [A, B];

    public HostObservers Of(string host) => Hosts.Single(h => h.Host.Name == host);

    public void Dispose()
    {
        Prober.Dispose();
        Announcements.Dispose();
        A.Dispose();
        B.Dispose();
    }
}
