using System.Globalization;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>Finds the TCP ports that a program names: those of its checks, which are its own, and those of its environment.</summary>
internal static class ProgramPorts
{
    private const string Variable = "PORT", Suffix = "_PORT";

    /// <summary>The ports, each once, without listeners.</summary>
    /// <param name="program">The program with nothing left to expand.</param>
    /// <param name="host">This host's name.</param>
    public static IEnumerable<PortFact> Of(ConfiguredProgram program, string host) =>
        CheckPorts(program, host).Concat(EnvironmentPorts(program)).DistinctBy(p => (p.Host, p.Port, p.IsItsOwn));

    private static IEnumerable<PortFact> CheckPorts(ConfiguredProgram program, string host)
    {
        foreach (var (name, check) in new[] { ("readiness", program.Readiness), ("liveness", program.Liveness) })
        {
            if (check is null || !HostExpansion.TryText(check.Target, program, host, out var target, out _))
                continue;
            if (check.Kind == CheckKind.Http && Uri.TryCreate(target, UriKind.Absolute, out var url))
                yield return new(name, url.HostNameType == UriHostNameType.IPv6 ? url.Host[1..^1] : url.Host, url.Port, true, []);
            else if (check.Kind is CheckKind.Tcp or CheckKind.Grpc && HostPort.TryParse(target, out var address, out var port, out _))
                yield return new(name, address, port, true, []);
        }
    }

    // PORT is where a program listens, by custom; DB_PORT is more often where somebody else does.
    private static IEnumerable<PortFact> EnvironmentPorts(ConfiguredProgram program) =>
        from entry in program.Environment
        where entry.Key == Variable || entry.Key.EndsWith(Suffix, StringComparison.Ordinal)
        let port = int.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
        where port is > 0 and <= 65535
        select new PortFact($"environment {entry.Key}", "", port, entry.Key == Variable, []);
}
