using System.Collections.Concurrent;
using HaGrpc.ControlPlane.History;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Planned changes of owner that operators wait for, and what the two hosts reported of each group's last change.</summary>
internal sealed class Switchovers
{
    private const string OwnershipTaken = "OwnershipTaken";

    private readonly ConcurrentDictionary<long, TaskCompletionSource<SwitchoverEnded>> _asked = new();
    private readonly ConcurrentDictionary<string, HostReport> _released = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HostReport> _taken = new(StringComparer.Ordinal);
    private long _lastId;

    /// <summary>Pulses when a host reports.</summary>
    public EventSignal Reported { get; } = new();

    /// <summary>A new request.</summary>
    public (long Id, Task<SwitchoverEnded> Ended) Ask()
    {
        var id = Interlocked.Increment(ref _lastId);
        var ended = new TaskCompletionSource<SwitchoverEnded>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = ended;
        return (id, ended.Task);
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Forget(long id) => _asked.TryRemove(id, out _);

    /// <summary>It is over.</summary>
    public void End(SwitchoverEnded ended)
    {
        if (_asked.TryRemove(ended.RequestId, out var waiting))
            waiting.SetResult(ended);
    }

    /// <summary>A host has ended an epoch.</summary>
    public void Note(string host, Released released) =>
        Note(_released, released.Group, new(host, released.Epoch, Now, [.. released.Steps]));

    /// <summary>A host has something to tell; only that it has taken a group matters here.</summary>
    public void Note(string host, AgentEvent e)
    {
        if (e.Kind == OwnershipTaken)
            Note(_taken, e.Group, new(host, e.Epoch, Now, [.. e.Steps]));
    }

    /// <summary>What the former owner reported of an epoch's end; null for nothing yet.</summary>
    public HostReport? ReleasedOf(string group, long epoch) => Find(_released, group, epoch);

    /// <summary>What the new owner reported of an epoch's begin; null for nothing yet.</summary>
    public HostReport? TakenOf(string group, long epoch) => Find(_taken, group, epoch);

    private static BootInstant Now => new(BootClock.Nanoseconds);

    private void Note(ConcurrentDictionary<string, HostReport> reports, string group, HostReport report)
    {
        reports[group] = report;
        Reported.Pulse();
    }

    private static HostReport? Find(ConcurrentDictionary<string, HostReport> reports, string group, long epoch) =>
        reports.TryGetValue(group, out var report) && report.Epoch == epoch ? report : null;
}

/// <summary>What a host reported of an epoch's begin or end.</summary>
/// <param name="Host">The host.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="ReceivedAt">When the report came.</param>
/// <param name="Steps">What it did, with what it took.</param>
internal sealed record HostReport(string Host, long Epoch, BootInstant ReceivedAt, IReadOnlyList<V1.Step> Steps);
