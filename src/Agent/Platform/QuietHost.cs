using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Platform;

/// <summary>For web hosts inside the agent: their own lines say nothing of use; errors of their parts do.</summary>
internal sealed class QuietLoggers(ILoggerFactory loggers) : ILoggerFactory
{
    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Quiet(loggers.CreateLogger(categoryName));

    /// <summary>The factory belongs to the agent, and stays.</summary>
    public void Dispose()
    {
        // Nothing of it is ours.
    }

    private sealed class Quiet(ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}

/// <summary>For web hosts inside the agent: signals are the agent's.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
