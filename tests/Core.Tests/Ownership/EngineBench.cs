using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>An engine with one group, "web", whose members beat as told. Instants are milliseconds after the leader began.</summary>
internal sealed class EngineBench(params string[] hosts)
{
    private readonly string[] _hosts = hosts.Length > 0 ? hosts : ["a", "b"];
    private readonly FailoverEngine _engine = new(At(0));
    private readonly Dictionary<string, long> _beats = [];
    private readonly Dictionary<string, short> _boots = [];

    /// <summary>What the last event led to.</summary>
    public List<FailoverEffect> Effects { get; } = [];

    /// <summary>What registration says of the group.</summary>
    public Func<Group, Group> Registered { get; init; } = g => g;

    public GroupReport? Report(long at) => _engine.Report("web", At(at));

    /// <summary>Loads what is registered, and what operators want now.</summary>
    public void Load(long at, string lockedBy = "", string drained = "", long epoch = 1, string retiring = "", bool solo = false, bool isOver = false)
    {
        var group = Registered(TestGroup.Pair("web") with { Members = [.. _hosts.Select((h, i) => new Member(h, 120 - (i * 10)))] });
        var loaded = new GroupsLoaded([new StoredGroup(
            group, new("web", epoch == 0 ? null : "a", epoch) { IsOver = isOver }, 1, [new View(1, [.. _hosts], solo ? null : GroupTiming.Default.Ttl)])]);
        if (retiring.Length > 0)
            loaded = loaded with { Retiring = loaded.Retiring.Add("web", retiring) };
        if (drained.Length > 0)
            loaded = loaded with { Drained = loaded.Drained.Add(drained, "drained by eve: new kernel") };
        if (lockedBy.Length > 0)
            loaded = loaded with { Locks = loaded.Locks.Add("web", lockedBy) };
        Handle(at, loaded);
    }

    /// <summary>Everybody is heard, and the first host acts, until 2.95 s.</summary>
    public void OwnedByA(string lockedBy = "")
    {
        Load(0, lockedBy);
        Attach();
        for (var at = 300L; at <= 2_700; at += 300)
        {
            Beat("a", at, holds: 1);
            foreach (var other in _hosts.Skip(1))
                Beat(other, at + 10);
        }
        Beat("b", 2_950);
    }

    public void Attach()
    {
        foreach (var host in _hosts)
            Attach(host, 0);
    }

    /// <summary>The host's machine was off and is on again: its agent is another instance.</summary>
    public void Boot(string host, long at)
    {
        _boots[host] = (short)(_boots.GetValueOrDefault(host) + 1);
        _beats[host] = 0;
        Attach(host, at);
    }

    /// <param name="host">Who.</param>
    /// <param name="at">When.</param>
    /// <param name="holds">The epoch that it holds; 0 for none.</param>
    /// <param name="ended">The epoch that it has ended; 0 for none.</param>
    /// <param name="sealedTo">The epoch that it has sealed; 0 for none.</param>
    /// <param name="promisesMs">For how long it still promises to the owner of epoch 1; 0 for no promise.</param>
    /// <param name="weight">What its checks add to its priority.</param>
    /// <param name="graceMs">For how long it still accepts no promotion.</param>
    /// <param name="accepts">The epoch that it has accepted and has no lease for; 0 for none.</param>
    public void Beat(string host, long at, long holds = 0, long ended = 0, long sealedTo = 0, int promisesMs = 0, int weight = 0, long graceMs = 0, long accepts = 0)
    {
        var seq = _beats.GetValueOrDefault(host) + 1;
        _beats[host] = seq;
        Handle(at, new HeartbeatReceived(host, StreamOf(host), new Heartbeat(
            Instance(host),
            seq,
            seq - 1,
            holds > 0 ? [new("web", holds, 1, TimeSpan.FromMilliseconds(1400))] : [],
            accepts > 0 ? [new("web", accepts)] : [],
            ended > 0 ? [new("web", ended)] : [],
            TimeSpan.FromMilliseconds(graceMs))
        {
            Weights = weight != 0 ? [new("web", weight)] : [],
            Seals = sealedTo > 0 ? [new Seal("web", sealedTo, TimeSpan.FromDays(-1))] : [],
            Promises = promisesMs > 0 ? [new GivenPromise("web", 1, TimeSpan.FromMilliseconds(promisesMs))] : [],
        }));
    }

    public void Handle(long at, FailoverEvent e)
    {
        Effects.Clear();
        _engine.Handle(e, At(at), Effects);
    }

    public static BootInstant At(long ms) => new(1_000_000_000_000 + (ms * 1_000_000));

    private void Attach(string host, long at) =>
        Handle(at, new StreamAttached(host, StreamOf(host), Instance(host)) { BootId = new(host[0], _boots.GetValueOrDefault(host), 1, new byte[8]) });

    private long StreamOf(string host) => host[0] + (1000 * _boots.GetValueOrDefault(host));

    private Guid Instance(string host) => new(host[0], _boots.GetValueOrDefault(host), 0, new byte[8]);
}
