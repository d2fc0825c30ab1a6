using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Handover;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Agent.Handover;

/// <summary>Keeps the control plane told which processes run the programs that this host only watches. Never on the ownership loop's
/// thread.</summary>
/// <param name="loop">Knows what is watched.</param>
/// <param name="look">Finds processes.</param>
/// <param name="outbox">Takes what is told.</param>
/// <param name="time">Paces it.</param>
internal sealed class ObservedWatch(OwnershipLoop loop, ProcessLook look, Outbox outbox, TimeProvider time) : IDisposable
{
    // A walk over /proc: some milliseconds of one core on a host with hundreds of processes.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _configured = new(0, 1);
    private ImmutableDictionary<ProgramName, ObservedProgram> _known = ImmutableDictionary<ProgramName, ObservedProgram>.Empty;

    /// <summary>What was seen last of each program that is watched now.</summary>
    public ImmutableArray<ObservedProgram> Snapshot() => [.. Volatile.Read(ref _known).Values];

    /// <summary>There is a new configuration. From any thread.</summary>
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

    /// <summary>Looks, until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var programs = loop.Observed.Programs;
                _ = await _configured.WaitAsync(programs.IsEmpty ? Timeout.InfiniteTimeSpan : Pause, stop);
                await LookAsync();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As asked.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _configured.Dispose();

    private async Task LookAsync()
    {
        var programs = loop.Observed.Programs;
        var before = _known;
        var now = ImmutableDictionary.CreateBuilder<ProgramName, ObservedProgram>();
        var processes = programs.IsEmpty ? [] : ProcessLook.Now();
        foreach (var program in programs)
        {
            var (found, problem) = await look.FindAsync(program, processes);
            var seen = Describe(program.Name, found, problem);
            now[program.Name] = before.TryGetValue(program.Name, out var known) && (known.Pid, known.Detail) == (seen.Pid, seen.Detail) ? known : seen;
        }
        // Whoever runs it by now reports it: nothing is said of what is watched no more.
        Volatile.Write(ref _known, now.ToImmutable());
        foreach (var seen in now.Values.Where(s => !ReferenceEquals(before.GetValueOrDefault(s.Name), s)))
        {
            if (loop.Observed.Programs.Any(p => p.Name == seen.Name))
                outbox.Post(seen);
        }
    }

    private ObservedProgram Describe(ProgramName name, IReadOnlyList<ProcessFact> found, string problem)
    {
        var detail = found.Count switch
        {
            _ when problem.Length > 0 => problem,
            0 => "not found",
            1 => "",
            var several => string.Create(
                CultureInfo.InvariantCulture, $"{several} match: pids {string.Join(", ", found.Select(p => p.Pid.ToString(CultureInfo.InvariantCulture)))}"),
        };
        return new(name, ProgramState.Unknown, found.Count == 1 ? found[0].Pid : 0, time.GetUtcNow(), 0, detail, 0) { IsObserved = true };
    }
}
