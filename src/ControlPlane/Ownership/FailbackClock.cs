using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;

namespace HaGrpc.ControlPlane.Ownership;

/// <summary>Tells the engine, which knows no wall clock, which failback windows are open and for how long, as long as this process leads.</summary>
internal sealed partial class FailbackClock(OwnershipLoop loop, Registry registry, TermInForce term, TimeProvider time, ILogger log)
{
    // The wall clock may be set; a failback that begins wrongly by this much harms nobody.
    private static readonly TimeSpan LongestWord = TimeSpan.FromMinutes(1);

    // A word is good until the next one has come.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _unknownZones = new(StringComparer.Ordinal);

    /// <summary>Runs until the leadership ends.</summary>
    public async Task RunAsync()
    {
        while (!term.HasEnded)
        {
            var changed = registry.Changed.Next;
            try
            {
                var wait = await TellAsync();
                using var over = CancellationTokenSource.CreateLinkedTokenSource(term.Ended);
                await Task.WhenAny(changed, Task.Delay(wait, time, over.Token));
                await over.CancelAsync();
            }
            catch (Exception e) when (term.HasEnded && e is OperationCanceledException or Grpc.Core.RpcException)
            {
                return; // The next leader tells its own engine.
            }
        }
    }

    /// <summary>Says what is open now; returns when it must be said again.</summary>
    private async Task<TimeSpan> TellAsync()
    {
        var wait = Timeout.InfiniteTimeSpan;
        foreach (var group in registry.Current.Groups.Select(g => g.Spec))
        {
            if (group.Failback.Window is not { } window)
                continue;
            if (window.FindZone() is not { } zone)
            {
                if (_unknownZones.Add(window.Zone))
                    LogUnknownZone(log, group.Name, window.Zone);
                await loop.HandleAsync(new FailbackWindowSeen(
                    group.Name, BootInstant.Zero, $"this control plane does not know the time zone {window.Zone}"));
                continue;
            }
            var now = time.GetUtcNow();
            var state = window.At(now, zone);
            var left = state.Until - now;
            var until = new BootInstant(BootClock.Nanoseconds) + (left > LongestWord ? LongestWord + Overlap : left);
            await loop.HandleAsync(new FailbackWindowSeen(
                group.Name, state.IsOpen ? until : BootInstant.Zero, FailbackWindowSeen.TextOf(state, zone)));
            var word = left > LongestWord ? LongestWord : left;
            wait = wait == Timeout.InfiniteTimeSpan || word < wait ? word : wait;
        }
        return wait;
    }

    [LoggerMessage(1040, LogLevel.Error, "group {Group} does not fail back: this machine does not know the time zone {Zone} of its window; install tzdata")]
    private static partial void LogUnknownZone(ILogger log, string group, string zone);
}
