using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Fencing;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Identity;
using HaGrpc.ControlPlane.Ownership;
using HaGrpc.ControlPlane.Storage;

namespace HaGrpc.ControlPlane.Leader;

/// <summary>Makes what a leadership needs, and puts it in force when it knows what is registered.</summary>
internal sealed partial class TenureSetup(
    Store store,
    LeaderSeat seat,
    EventWriter history,
    EventSignal signal,
    FenceAgents fences,
    FirstAdmin admin,
    RehearsalDesk rehearsals,
    TimeProvider time,
    ILogger<OwnershipLoop> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Begins to lead; returns early when the leadership ends before.</summary>
    public async Task BeginAsync(TermInForce term)
    {
        var notes = new OwnershipNotes();
        var agents = new AttachedAgents();
        var switchovers = new Switchovers();
        var routing = new EffectRouting(agents, new GroupWrites(store, term, notes, signal, log), history, switchovers);
        var loop = new OwnershipLoop(term, routing.Apply, log);
        routing.Loop = loop;
        var registry = new Registry(store, notes, loop, agents, term, time);
        routing.Flaps = new FlapGuard(store, registry, term, signal, time, log);
        routing.Retirements = new Retirements(store, registry, term, signal, log);
        routing.Fences = new FenceDesk(fences, registry, loop, term, log);
        loop.Start();
        if (!await LoadAsync(registry, term))
            return;
        var tenure = new Tenure(term, loop, notes, agents, registry, new ObservedPrograms(), switchovers, time.GetUtcNow()) { Fences = routing.Fences };
        seat.Take(tenure);
        _ = new ReadinessAsks(tenure, rehearsals).RunAsync();
        _ = new LockExpiry(store, registry, term, signal, time, log).RunAsync();
        _ = new FailbackClock(loop, registry, term, time, log).RunAsync();
        LogServes(log, term.Number, registry.Current.Groups.Length, registry.Current.ConfigurationRevision);
    }

    private async Task<bool> LoadAsync(Registry registry, TermInForce term)
    {
        while (!term.HasEnded)
        {
            try
            {
                await admin.LetInAsync(term.Number, term.Ended);
                await registry.LoadAsync(term.Ended);
                return true;
            }
            catch (StorageException e)
            {
                LogNotLoaded(log, e.Message);
                await Task.WhenAny(term.Over, Task.Delay(Pause));
            }
            catch (Exception e) when (term.HasEnded && e is OperationCanceledException or Grpc.Core.RpcException)
            {
                return false;
            }
        }
        return false;
    }

    [LoggerMessage(1031, LogLevel.Information, "serves agents and hactl, term {Term}: {Groups} groups, configuration {Revision}")]
    private static partial void LogServes(ILogger log, long term, int groups, long revision);

    [LoggerMessage(1030, LogLevel.Error, "what is registered cannot be read yet, trying again: {Reason}")]
    private static partial void LogNotLoaded(ILogger log, string reason);
}
