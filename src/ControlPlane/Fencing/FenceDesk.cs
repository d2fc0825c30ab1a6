using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Ownership;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.ControlPlane.Fencing;

/// <summary>Lets hosts be switched off for one leadership, each by one run of its fence agent at a time, and tells the engine what came of it
/// (rule C10). What ends after the leadership is dropped: the next leader asks again.</summary>
internal sealed partial class FenceDesk(FenceAgents agents, Registry registry, OwnershipLoop loop, TermInForce term, ILogger log)
{
    private readonly Dictionary<string, Task<string>> _running = new(StringComparer.Ordinal);

    /// <summary>Switches a host off, or joins the run that is under way.</summary>
    /// <param name="host">The host.</param>
    /// <param name="reason">Why.</param>
    /// <param name="actor">Who asks; empty for the system itself.</param>
    /// <returns>Empty when the engine has been told that it is off; else why that is not confirmed.</returns>
    public Task<string> RunAsync(string host, string reason, string actor)
    {
        lock (_running)
        {
            if (_running.TryGetValue(host, out var running))
                return running;
            return _running[host] = Task.Run(() => RunOneAsync(host, reason, actor));
        }
    }

    private async Task<string> RunOneAsync(string host, string reason, string actor)
    {
        try
        {
            var device = registry.Current.Hosts.FirstOrDefault(h => h.Spec.Name == host)?.Spec.Fence;
            var what = device is null ? "" : $"{device.Agent} ({(device.Action == FenceAction.Reboot ? "reboot" : "off")})";
            string error;
            try
            {
                error = device is null ? $"{host} has no fence device" : await AskAsync(host, device, what, reason, actor);
            }
            finally
            {
                // Before the engine hears of it: it may want the next run at once.
                lock (_running)
                    _ = _running.Remove(host);
            }
            if (error.Length > 0)
                LogFailed(log, host, what, error);
            else
                LogFenced(log, host, what, reason);
            await loop.HandleAsync(error.Length > 0
                ? new FenceFailed(host, error, actor)
                : new HostFenced(host, FenceMethod.Device, what, actor));
            return error;
        }
        catch (Exception e) when (term.HasEnded && e is OperationCanceledException or RpcException)
        {
            LogDropped(log, host);
            return "the leadership ended meanwhile; what became of it is not known";
        }
    }

    private async Task<string> AskAsync(string host, FenceDevice device, string what, string reason, string actor)
    {
        await loop.HandleAsync(new FenceBegun(host, what, reason, actor));
        LogStarted(log, host, what, reason);
        try
        {
            return await agents.SwitchOffAsync(host, device, term.Ended);
        }
#pragma warning disable CA1031 // Whatever it is: the engine waits for an outcome that would not come.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return $"{device.Agent} could not be watched: {e.Message}";
        }
    }

    [LoggerMessage(1050, LogLevel.Warning, "host {Host} is being switched off by {Device}: {Reason}")]
    private static partial void LogStarted(ILogger log, string host, string device, string reason);

    [LoggerMessage(1051, LogLevel.Warning, "host {Host} is confirmed off by {Device}: {Reason}")]
    private static partial void LogFenced(ILogger log, string host, string device, string reason);

    [LoggerMessage(1052, LogLevel.Error, "it is not confirmed by {Device} that host {Host} is off: {Error}")]
    private static partial void LogFailed(ILogger log, string host, string device, string error);

    [LoggerMessage(1053, LogLevel.Warning, "the leadership ended while host {Host} was being switched off: what became of that is not known")]
    private static partial void LogDropped(ILogger log, string host);
}
