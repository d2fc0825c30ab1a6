using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>Says of an end which limit it had to do with.</summary>
public static class BreachText
{
    /// <summary>The words for an end with a breach, without "not expected".</summary>
    /// <param name="ended">The end; its breach is one.</param>
    /// <param name="limits">The limits as configured now.</param>
    public static string Of(ProgramEnded ended, Limits? limits)
    {
        ArgumentNullException.ThrowIfNull(ended);
        var limit = ended.Breach switch
        {
            Breach.Memory => Limit(limits?.Memory is { } memory ? SizeText.Format(memory) : null),
            Breach.Pids => Limit(limits?.Pids?.ToString(CultureInfo.InvariantCulture)),
            Breach.CpuTime => Limit(Rlimit(limits, "cpu") is { } seconds ? $"{seconds} s" : null),
            Breach.FileSize => Limit(Rlimit(limits, "fsize") is { } size ? SizeText.Format(long.Parse(size, CultureInfo.InvariantCulture)) : null),
            _ => "",
        };
        return (ended.Breach, ended.ExitStatus) switch
        {
            (Breach.Memory, < 0) => $"killed: out of memory{limit}",
            (Breach.HostMemory, < 0) => "killed: the host was out of memory",
            (Breach.CpuTime, _) => $"killed: out of processor time{limit}",
            (Breach.FileSize, _) => $"killed: wrote a file beyond its limit of size{limit}",
            (Breach.Memory, _) => $"{Plain(ended)}, after a process of it was killed: out of memory{limit}",
            (Breach.HostMemory, _) => $"{Plain(ended)}, after a process of it was killed: the host was out of memory",
            _ => $"{Plain(ended)}, after it was refused a process or thread: too many{limit}",
        };
    }

    private static string? Rlimit(Limits? limits, string name) =>
        limits is not null && limits.Rlimits.TryGetValue(name, out var limit) ? limit.Soft?.ToString(CultureInfo.InvariantCulture) : null;

    private static string Limit(string? value) => value is null ? "" : $" (limit {value})";

    private static string Plain(ProgramEnded ended) => ended.ExitStatus < 0
        ? string.Create(CultureInfo.InvariantCulture, $"terminated by signal {-ended.ExitStatus}")
        : string.Create(CultureInfo.InvariantCulture, $"exit status {ended.ExitStatus}");
}
