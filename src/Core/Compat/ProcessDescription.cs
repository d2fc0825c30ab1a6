using System.Globalization;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Compat;

/// <summary>The last column of <c>supervisorctl status</c>.</summary>
public static class ProcessDescription
{
    /// <summary>What Supervisor says of a process in this state.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="name">Its name inside its group.</param>
    /// <param name="pid">Its process id.</param>
    /// <param name="spawnError">Why the last start failed; may be empty.</param>
    /// <param name="started">When it was started last, local time; null for never.</param>
    /// <param name="stopped">When it ended last, local time.</param>
    /// <param name="now">The present, local time.</param>
    public static string Of(
        ProgramState state,
        string name,
        int pid,
        string spawnError,
        DateTimeOffset? started,
        DateTimeOffset? stopped,
        DateTimeOffset now) => state switch
        {
            ProgramState.Running => $"pid {pid.ToString(CultureInfo.InvariantCulture)}, uptime {Uptime(now - (started ?? now))}",
            ProgramState.Fatal or ProgramState.Backoff =>
                spawnError.Length > 0 ? spawnError : $"unknown error (try \"tail {name}\")",
            ProgramState.Stopped or ProgramState.Exited =>
                started is null ? "Not started" : (stopped ?? started.Value).ToString("MMM dd hh:mm tt", CultureInfo.InvariantCulture),
            _ => "",
        };

    /// <summary>A duration as Python prints its timedelta: <c>0:00:05</c>, <c>1 day, 2:03:04</c>; a negative one is none.</summary>
    public static string Uptime(TimeSpan uptime)
    {
        if (uptime < TimeSpan.Zero)
            uptime = TimeSpan.Zero;
        var clock = string.Create(CultureInfo.InvariantCulture, $"{uptime.Hours}:{uptime.Minutes:00}:{uptime.Seconds:00}");
        return uptime.Days switch
        {
            0 => clock,
            1 => $"1 day, {clock}",
            var days => string.Create(CultureInfo.InvariantCulture, $"{days} days, {clock}"),
        };
    }
}
