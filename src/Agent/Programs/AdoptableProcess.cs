using System.Globalization;
using HaGrpc.Linux.Processes;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Programs;

/// <summary>The process of a program that was handed over as it ran, for its shim.</summary>
internal static class AdoptableProcess
{
    /// <summary><c>PID:START_TIME</c>.</summary>
    /// <param name="program">The program.</param>
    /// <param name="options">This host.</param>
    /// <returns>Null when there is none that still lives: a new one is to be started.</returns>
    public static string? Of(ConfiguredProgram program, ProgramHostOptions options) => program.Handed
        .Where(handed => handed.Host == options.HostName && handed.Boot == options.BootId)
        .Select(handed => new ProcessIdentity(handed.Pid, handed.StartTime))
        .FirstOrDefault(process => process.IsAlive) is { Pid: > 0 } alive
        ? string.Create(CultureInfo.InvariantCulture, $"{alive.Pid}:{alive.StartTime}")
        : null;
}
