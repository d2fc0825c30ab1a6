using HaGrpc.ControlPlane.History;
using HaGrpc.Core.Model;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>What each host last said about its programs. In memory: agents say it again when they attach.</summary>
internal sealed class ObservedPrograms
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<ProgramName, ProgramStatus>> _hosts = new(StringComparer.Ordinal);

    /// <summary>Pulses at every report.</summary>
    public EventSignal Reported { get; } = new();

    /// <summary>Takes a report in.</summary>
    public void Report(string host, ProgramReport report)
    {
        lock (_lock)
        {
            if (report.Complete || !_hosts.TryGetValue(host, out var programs))
                _hosts[host] = programs = [];
            foreach (var status in report.Programs)
                programs[new(status.Group, status.Name)] = status;
        }
        Reported.Pulse();
    }

    /// <summary>What a host said about a program; null when it said nothing, so it was never started there.</summary>
    public ProgramStatus? Of(string host, ProgramName program)
    {
        lock (_lock)
            return _hosts.TryGetValue(host, out var programs) ? programs.GetValueOrDefault(program) : null;
    }
}
