namespace HaGrpc.Core.Supervision;

/// <summary>How long a program that failed to start waits for the next try.</summary>
public static class RestartDelay
{
    /// <summary>Supervisor's: as many seconds as there were failures in a row.</summary>
    /// <param name="failedStarts">Failed starts in a row, at least 1.</param>
    public static TimeSpan After(int failedStarts) => TimeSpan.FromSeconds(failedStarts);
}
