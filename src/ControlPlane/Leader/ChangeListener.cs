using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Storage;

namespace HaGrpc.ControlPlane.Leader;

/// <summary>
/// Wakes those who would otherwise find a change of the database at their next look. It is only ever a hint: whoever is woken
/// looks, and whoever is not looks a little later, so a lost connection or notification costs nothing but that time.
/// </summary>
internal sealed partial class ChangeListener(Store store, EventSignal history, ILogger<ChangeListener> log) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Pulses when the leadership was taken or released, and whenever that may have been missed.</summary>
    public EventSignal Leadership { get; } = new();

    /// <summary>Pulses when it hears, after it did not.</summary>
    public EventSignal Listening { get; } = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        var failed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await store.ListenAsync(
                    () =>
                    {
                        if (failed)
                            LogAgain(log);
                        (failed, pause) = (false, FirstPause);
                        Hear(ChangeTopic.Other); // What came before this was not heard.
                        Listening.Pulse();
                    },
                    Hear,
                    stoppingToken);
                return; // Nobody else writes to this database.
            }
            catch (StorageException e)
            {
                if (!failed)
                    LogDeaf(log, e.Message);
                failed = true;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private void Hear(ChangeTopic topic)
    {
        if (topic != ChangeTopic.History)
            Leadership.Pulse();
        if (topic != ChangeTopic.Leadership)
            history.Pulse();
    }

    [LoggerMessage(1032, LogLevel.Warning, "hears of no changes for now, and looks instead: {Reason}")]
    private static partial void LogDeaf(ILogger log, string reason);

    [LoggerMessage(1033, LogLevel.Information, "hears of changes again")]
    private static partial void LogAgain(ILogger log);
}
