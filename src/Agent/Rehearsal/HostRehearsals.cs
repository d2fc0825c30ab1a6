using System.Collections.Concurrent;
using System.Collections.Immutable;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal;
using HaGrpc.Core.Rehearsal.Trees;
using HaGrpc.V1;
using Finding = HaGrpc.Core.Rehearsal.Finding;
using Group = HaGrpc.Core.Model.Group;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>
/// Rehearses this host's groups: when the control plane asks, and by itself those that it does not own, soon after each configuration and
/// then every minute or so. Never on the ownership loop's thread, and one at a time: it has time, and the host has other work.
/// </summary>
/// <param name="host">This host's name.</param>
/// <param name="loop">Knows what is configured and owned.</param>
/// <param name="programs">Knows what runs.</param>
/// <param name="outbox">Takes what is told.</param>
/// <param name="time">Paces it.</param>
/// <param name="random">Spreads hosts.</param>
internal sealed class HostRehearsals(
    string host, OwnershipLoop loop, ProgramHost programs, Outbox outbox, TimeProvider time, Random random) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(50), PauseSpread = TimeSpan.FromSeconds(20);
    // Less than the control plane waits for the owner.
    private static readonly TimeSpan Asking = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1), SoonSpread = TimeSpan.FromSeconds(2);

    private readonly Rehearser _rehearser = new(host, time);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _configured = new(0, 1);
    private readonly Dictionary<string, Readiness> _known = new(StringComparer.Ordinal);
    private readonly SharedDirectories _directories = new(time);

    // What the control plane was told of these by an answer: whether the next look says something new cannot be judged by what was said before that.
    private readonly ConcurrentQueue<string> _answered = new();

    /// <summary>Answers the control plane, some time later. Never waits.</summary>
    public void Asked(RehearsalAsked asked) => _ = Task.Run(async () =>
    {
        // A configuration that came before the question is in force then.
        _ = await loop.ActingAsync();
        if (loop.Groups.Concat(loop.Observed.Groups).FirstOrDefault(g => g.Name == asked.Group) is not { } group)
        {
            outbox.Post(new Rehearsed { Id = asked.Id, Problem = $"this host knows no group '{asked.Group}' yet" });
            return;
        }
        if (asked.DirectoriesOnly)
        {
            outbox.Post(await _directories.SayAsync(group, asked.Id, Asking));
            return;
        }
        var trees = asked.Owner is { } owner ? await _directories.CompareAsync(group, owner, Asking) : _directories.Last(group);
        var (findings, problem) = await RehearseAsync(group, trees);
        var answer = findings.ToProto(Readiness.Of(findings), asked.Id);
        answer.Problem = problem;
        outbox.Post(answer);
        _answered.Enqueue(group.Name);
        Configured();
    });

    /// <summary>The owner of a group has said what is in its directories. Never waits.</summary>
    public void OwnerLooked(OwnersDirectories owner) => _ = Task.Run(async () =>
    {
        if (loop.Groups.FirstOrDefault(g => g.Name == owner.Group) is not { } group)
            return;
        _ = await _directories.CompareAsync(group, owner, Timeout.InfiniteTimeSpan);
        Configured();
    });

    /// <summary>There is a new configuration, or something else to look at soon. From any thread.</summary>
    public void Configured()
    {
        try
        {
            _configured.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is known already.
        }
    }

    /// <summary>What a takeover of a group needs of this host.</summary>
    /// <param name="group">The group.</param>
    /// <param name="runElsewhere">Programs of it that run here under somebody else, and have their ports.</param>
    /// <returns>The findings, or why there are none.</returns>
    public Task<(ImmutableArray<Finding> Findings, string Problem)> LookAsync(Group group, IEnumerable<ProgramName> runElsewhere) =>
        RehearseAsync(group, _directories.Last(group), runElsewhere);

    /// <summary>Keeps the control plane told, until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                // Everybody gets a new configuration at the same time; machines that share a file server need not ask it so.
                if (await _configured.WaitAsync(Pause + (PauseSpread * random.NextDouble()), stop))
                    await Task.Delay(Soon + (SoonSpread * random.NextDouble()), time, stop);
                await LookAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As asked.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _turn.Dispose();
        _directories.Dispose();
        _configured.Dispose();
    }

    private async Task LookAsync(CancellationToken stop)
    {
        while (_answered.TryDequeue(out var answered))
            _ = _known.Remove(answered);
        var groups = loop.Groups;
        foreach (var gone in _known.Keys.Except(groups.Select(g => g.Name), StringComparer.Ordinal).ToArray())
            _ = _known.Remove(gone);
        var acting = await loop.ActingAsync().WaitAsync(stop);
        _directories.Keep(groups, acting.ContainsKey);
        foreach (var owned in groups.Where(g => acting.ContainsKey(g.Name) && _directories.IsDue(g)))
            _ = Task.Run(async () => outbox.Post(await _directories.LookAsync(owned)), stop);
        var changed = new List<GroupReadiness>();
        foreach (var group in groups.Where(g => !acting.ContainsKey(g.Name)))
        {
            var (findings, problem) = await RehearseAsync(group, _directories.Last(group)).WaitAsync(stop);
            var readiness = problem.Length == 0
                ? Readiness.Of(findings)
                : new(0, [new Finding("host", host, Core.Rehearsal.Verdict.Fails, $"it cannot be looked at: {problem}")]);
            if (_known.TryGetValue(group.Name, out var known) && known.SaysTheSameAs(readiness))
                continue;
            _known[group.Name] = readiness;
            changed.Add(readiness.ToProto(group.Name));
        }
        outbox.PostReadiness(changed, _known.Keys.ToHashSet(StringComparer.Ordinal));
    }

    private async Task<(ImmutableArray<Finding> Findings, string Problem)> RehearseAsync(
        Group group, ImmutableArray<TreeComparison> trees, IEnumerable<ProgramName>? runElsewhere = null)
    {
        await _turn.WaitAsync();
        try
        {
            var running = programs.Snapshot().Where(p => p.Pid > 0).Select(p => p.Name).Concat(runElsewhere ?? []).ToHashSet();
            return await _rehearser.RehearseAsync(
                group, loop.Programs.Concat(loop.Observed.Programs), loop.GateProblem, running.Contains, trees);
        }
        finally
        {
            _ = _turn.Release();
        }
    }
}
