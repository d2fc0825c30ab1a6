using System.Globalization;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// Looks every few seconds at what the kernel counts against the limits of a program that runs, and tells what holds it back: in its status,
/// and once for each start and limit in the history. It looks by the clock: the kernel would wake the agent a hundred times a second for
/// a program that forks without end. A program without such limits costs nothing. Everything on the host's thread.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="name">The program.</param>
/// <param name="changed">Called when <see cref="Words"/> has changed.</param>
internal sealed class LimitWatch(HostContext host, ProgramName name, Action changed)
{
    private const string FileName = "reached";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pace = TimeSpan.FromMinutes(1);

    private EventThread.Timer? _timer;
    private LimitPressure? _pressure;
    private Limits? _limits;
    private Cgroup? _cgroup;
    private readonly SortedSet<string> _told = new(StringComparer.Ordinal);
    private int? _pids;
    private string[]? _holding;
    private bool _isFresh;
    private long _refusedBefore;
    private BootInstant _changedAt;

    /// <summary>What holds it back, for people; empty when nothing does.</summary>
    public string Words { get; private set; } = "";

    /// <summary>Before a start.</summary>
    /// <param name="cgroup">Its cgroup, which may have counted against an instance before; null for none.</param>
    public void Begin(Cgroup? cgroup)
    {
        End();
        _told.Clear();
        (_pids, _isFresh) = (null, true);
        _refusedBefore = cgroup is null or { IsNew: true } ? 0 : Counts(cgroup).Refused;
        Keep();
    }

    /// <summary>Takes over what an earlier agent has told.</summary>
    public void Adopt()
    {
        if (host.DirectoryOf(name).Read(FileName) is not { } bytes || ShimSpec.Decode(bytes) is not { } kept)
            return;
        _refusedBefore = kept.Number("before");
        _pids = kept["pids"] is null ? null : (int)kept.Number("pids");
        _told.UnionWith(kept.Records.Where(record => record.Key == "told").Select(record => record.Value));
    }

    /// <summary>Looks at a running program from now on, under these limits.</summary>
    public void Follow(Limits? limits, Cgroup? cgroup)
    {
        if (cgroup is null || limits is not ({ Pids: not null } or { CpuMillis: not null } or { Memory: not null }))
        {
            End();
            return;
        }
        if (_timer is not null && cgroup.Path == _cgroup?.Path && limits.Equals(_limits))
            return;
        // What was counted against another limit says nothing about this one.
        if (_pids is not null && _pids != limits.Pids)
        {
            _refusedBefore = Counts(cgroup).Refused;
            _ = _told.Remove("pids");
            _holding = null;
        }
        _pids = limits.Pids;
        if (_limits is not null && _limits.CpuMillis != limits.CpuMillis)
            _ = _told.Remove("cpu");
        if (_limits is not null && _limits.Memory != limits.Memory)
            _ = _told.Remove("memory");
        _timer?.Cancel();
        (_limits, _cgroup, _pressure) = (limits, cgroup, new LimitPressure(limits, _refusedBefore));
        Count();
        // Of one that has just begun, and may end as fast, its end says it.
        if (_isFresh)
            _isFresh = false;
        else
            Tell();
        Continue();
    }

    /// <summary>It runs no more.</summary>
    public void End()
    {
        _timer?.Cancel();
        (_timer, _pressure, _limits, _cgroup, _holding, Words) = (null, null, null, null, null, "");
    }

    private void Continue() => _timer = host.Thread.At((HostContext.Now + Interval).Nanoseconds, () =>
    {
        Count();
        Tell();
        Continue();
    });

    private void Count() => _pressure!.Look(Counts(_cgroup!), HostContext.Now);

    private void Tell()
    {
        var now = HostContext.Now;
        var held = _pressure!.Held().ToArray();
        var words = string.Join("; ", held.Select(limit => limit.Words));
        var isNew = false;
        foreach (var (limit, what) in held)
        {
            if (!_told.Add(limit))
                continue;
            isNew = true;
            ProgramLog.LimitReached(host.Logger, name, what);
            host.Happened("LimitReached", name, what);
        }
        if (isNew)
            Keep();
        // A count that rises is news once a minute.
        var limits = held.Select(limit => limit.Limit).ToArray();
        if (words != Words && (_holding is null || !limits.SequenceEqual(_holding) || now >= _changedAt + Pace))
        {
            (Words, _holding, _changedAt) = (words, limits, now);
            changed();
        }
    }

    private static LimitCounts Counts(Cgroup cgroup) => new(
        cgroup.Count("pids.events", "max"),
        cgroup.Count("cpu.stat", "nr_throttled"),
        cgroup.Count("memory.events", "max"),
        cgroup.MemoryStall);

    private void Keep()
    {
        var directory = host.DirectoryOf(name);
        try
        {
            if (_told.Count == 0 && _refusedBefore == 0)
            {
                // Most programs have no such limit, and what is not written is not waited for at their start.
                if (File.Exists(directory.File(FileName)))
                    File.Delete(directory.File(FileName));
                return;
            }
            var file = new ShimSpec().Add("before", _refusedBefore.ToString(CultureInfo.InvariantCulture));
            file.Add("pids", _pids?.ToString(CultureInfo.InvariantCulture));
            foreach (var limit in _told)
                file.Add("told", limit);
            directory.Write(FileName, file.Encode());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            ProgramLog.ConditionNotKept(host.Logger, name, failure.Message);
        }
    }
}
