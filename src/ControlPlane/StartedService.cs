namespace HaGrpc.ControlPlane;

/// <summary>Runs from the moment that the listeners are open until shutdown: of a start that fails nothing of it is left to be cancelled.</summary>
/// <param name="lifetime">Says when that is.</param>
internal abstract class StartedService(IHostApplicationLifetime lifetime) : IHostedService
{
    private volatile Task _running = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => _running = Task.Run(() => RunAsync(lifetime.ApplicationStopping), CancellationToken.None));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _running.WaitAsync(cancellationToken);

    /// <summary>Runs until it is cancelled; does not throw then.</summary>
    protected abstract Task RunAsync(CancellationToken stoppingToken);
}
