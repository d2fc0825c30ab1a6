using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Ownership;

namespace HaGrpc.ControlPlane.Ownership;

/// <summary>Deletes the registration of groups that have ended (rule C11), in the turn of those who change the registry: nobody can register one
/// of the same name before everybody has heard that the old one is gone.</summary>
internal sealed partial class Retirements(Store store, Registry registry, TermInForce term, EventSignal signal, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Repeats until the outcome is known.</summary>
    /// <exception cref="OperationCanceledException">The leadership is over.</exception>
    public async Task ForgetAsync(CommitRetirement retirement)
    {
        while (true)
        {
            try
            {
                var write = await registry.WriteAsync(() => store.Registry.ForgetAsync(retirement, term.Number, term.Ended), term.Ended);
                signal.Pulse();
                if (write.Outcome == OwnershipOutcome.Committed)
                {
                    LogForgotten(log, retirement.Group, retirement.Epoch);
                    return;
                }
                // Only another leader can have been here.
                term.End(write.Detail);
                throw new OperationCanceledException(term.Ended);
            }
            catch (StorageException e)
            {
                LogNotForgotten(log, retirement.Group, e.Message);
                await Task.Delay(Pause, term.Ended);
            }
        }
    }

    [LoggerMessage(1114, LogLevel.Information, "{Group} is deleted; its epochs up to {Epoch} do not come again")]
    private static partial void LogForgotten(ILogger log, string group, long epoch);

    [LoggerMessage(1115, LogLevel.Warning, "{Group} has ended and cannot be deleted yet, trying again: {Reason}")]
    private static partial void LogNotForgotten(ILogger log, string group, string reason);
}
