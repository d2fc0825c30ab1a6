using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Ownership;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Ownership;
using HaGrpc.V1;
using OperatorLock = HaGrpc.ControlPlane.Storage.OperatorLock;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>
/// What is registered, as the leader read it last. Reading again tells the engine and every attached agent. Writers hold
/// <see cref="WriteAsync"/>'s turn, so that what they read is what they change.
/// </summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody takes has nothing to dispose of.
internal sealed class Registry(
    Store store, OwnershipNotes notes, OwnershipLoop loop, AttachedAgents agents, TermInForce term, TimeProvider time)
#pragma warning restore CA1001
{
    private const int ReadAttempts = 10;
    private static readonly TimeSpan ReadPause = TimeSpan.FromMilliseconds(300);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly PeerAddresses _peers = new();
    private volatile RegistrySnapshot _current = new(0, [], [], []);

    /// <summary>What was read last.</summary>
    public RegistrySnapshot Current => _current;

    /// <summary>Pulses when something was read that is new.</summary>
    public EventSignal Changed { get; } = new();

    /// <summary>All locks that are in force.</summary>
    public IEnumerable<OperatorLock> LocksInForce => _current.Locks.Where(l => l.IsInForce(time.GetUtcNow()));

    /// <summary>The locks of a group that are in force.</summary>
    public IEnumerable<OperatorLock> LocksOf(Core.Model.Group group) => LocksOf(_current, group, time.GetUtcNow());

    /// <summary>Runs a change of the registry alone, then reads it again and passes it on, also when the change failed:
    /// its outcome may be unknown.</summary>
    /// <param name="change">Changes the database, and says what came of it.</param>
    /// <param name="ct">Gives up waiting for the turn, or the change.</param>
    public async Task<T> WriteAsync<T>(Func<Task<T>> change, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            try
            {
                return await change();
            }
            finally
            {
                await ReloadAsync();
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Reads everything and passes it on; in a writer's turn, or before there are writers.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task LoadAsync(CancellationToken ct)
    {
        var before = _current.ConfigurationRevision;
        var snapshot = await store.Registry.ReadAsync(ct);
        if (snapshot.ConfigurationRevision == before && before != 0)
            return;
        var owners = (await store.Ownership.ReadAsync(ct)).ToDictionary(o => o.Group, StringComparer.Ordinal);
        foreach (var owner in owners.Values)
            notes.Note(owner);
        ImmutableArray<StoredGroup> groups = [.. snapshot.Groups.Where(IsManaged).Select(g => ToCore(g.Spec, owners[g.Spec.Name]))];
        var drained = snapshot.Hosts.Where(h => h.Drain is not null)
            .ToImmutableDictionary(h => h.Spec.Name, h => h.Drain!.ToString(), StringComparer.Ordinal);
        var now = time.GetUtcNow();
        var locks = snapshot.Groups.Select(g => (g.Spec.Name, Lock: LocksOf(snapshot, g.Spec, now).FirstOrDefault()?.Describe()))
            .Where(l => l.Lock is not null).ToImmutableDictionary(l => l.Name, l => l.Lock!, StringComparer.Ordinal);
        var retiring = snapshot.Groups.Where(g => g.Retirement is not null)
            .ToImmutableDictionary(g => g.Spec.Name, g => g.Retirement!.ToString(), StringComparer.Ordinal);
        _current = snapshot;
        await loop.RunAsync(() =>
        {
            // Before anything follows from it: who is made owner of what was handed over has to know the group.
            foreach (var agent in agents.All)
            {
                if (!snapshot.Revocations.MayTakeLeave(agent.Certificate?.Fingerprint, agent.Host)
                    && snapshot.Revocations.Objection(agent.Certificate?.Fingerprint, agent.Host) is { } objection)
                {
                    agent.End(StatusCode.PermissionDenied, objection);
                    continue;
                }
                if (snapshot.DeletedHosts.TryGetValue(agent.Host, out var deletion))
                    agent.Dismissal = Admission.Deleted(agent.Host, deletion.ToString());
                agent.Tell(ConfigurationOf(agent.Host));
            }
            loop.Handle(new GroupsLoaded(groups) { Drained = drained, Locks = locks, Retiring = retiring });
        });
        Changed.Pulse();
    }

    /// <summary>Takes where other agents reach one that has attached, and tells those of its groups when that is new. On the loop's thread.</summary>
    /// <returns>What is wrong with the address, for the operator; null when nothing is.</returns>
    public string? NotePeer(AgentStream stream)
    {
        if (!_peers.Note(stream, out var problem))
            return problem;
        var fellows = _current.Groups.Select(g => g.Spec.Members.Select(m => m.Host).ToArray())
            .Where(members => members.Contains(stream.Host)).SelectMany(members => members)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var agent in agents.All.Where(a => a.Host != stream.Host && fellows.Contains(a.Host)))
            agent.Tell(ConfigurationOf(agent.Host));
        return problem;
    }

    /// <summary>What a host is to know: the groups that it is a member of, their programs, and where agents of the other members answer. On
    /// the loop's thread.</summary>
    public AttachResponse ConfigurationOf(string host)
    {
        var snapshot = _current;
        var configuration = new HostConfiguration { Revision = snapshot.ConfigurationRevision };
        // An agent that does not know what it is to observe would run it.
        var observes = agents.Of(host) is { Observes: true };
        var groups = snapshot.Groups.Where(g => observes || IsManaged(g)).Select(g => g.Spec).Where(g => g.Members.Any(m => m.Host == host)).ToArray();
        var names = groups.Select(g => g.Name).ToHashSet(StringComparer.Ordinal);
        configuration.Groups.AddRange(groups.Select(g => g.ToProto()));
        configuration.Programs.AddRange(
            snapshot.Programs.Where(p => names.Contains(p.Spec.Name.Group) && (observes || p.Spec.Mode != Core.Model.SupervisionMode.Observe)).Select(p => p.Spec.ToProto()));
        var fellows = groups.SelectMany(g => g.Members).Select(m => m.Host).ToHashSet(StringComparer.Ordinal);
        configuration.RevokedCertificates.AddRange(
            snapshot.Revocations.Certificates.Where(c => fellows.Contains(c.Value)).Select(c => c.Key).Order(StringComparer.Ordinal));
        configuration.RevokedHosts.AddRange(snapshot.Revocations.Hosts.Keys.Where(fellows.Contains).Order(StringComparer.Ordinal));
        _peers.AddTo(configuration, host, agents.Of(host) is { IsFromLoopback: true });
        return new() { Configuration = configuration };
    }

    // A leader that does not know what is registered decides on something old: better none than that one.
    private async Task ReloadAsync()
    {
        for (var attempt = 1; !term.HasEnded; attempt++)
        {
            try
            {
                await LoadAsync(term.Ended);
                return;
            }
            catch (StorageException e) when (attempt >= ReadAttempts)
            {
                term.End($"what is registered could not be read after a change: {e.Message}");
            }
            catch (StorageException)
            {
                await Task.Delay(ReadPause, term.Ended);
            }
            catch (Exception e) when (term.HasEnded && e is OperationCanceledException or RpcException)
            {
                // What was changed is changed, and whoever leads next reads it.
                return;
            }
        }
    }

    // Nobody is ever promoted for what is only observed: the engine does not know it.
    private static bool IsManaged(RegisteredGroup group) => group.Spec.Mode != Core.Model.SupervisionMode.Observe;

    // The narrowest first: it is the one that an operator will look for.
    private static IEnumerable<OperatorLock> LocksOf(RegistrySnapshot snapshot, Core.Model.Group group, DateTimeOffset now) =>
        snapshot.Locks.Where(l => l.IsInForce(now) && l.Target.Covers(group)).OrderByDescending(l => l.Target.Scope);

    private StoredGroup ToCore(Core.Model.Group group, OwnershipRecord owner) =>
        new(group, owner.ToCore() with { IsOfThisLeader = owner.EndedAt is null && owner.Term == term.Number }, owner.ConfirmedView, [.. owner.Views.Select(v => v.View)]);
}
