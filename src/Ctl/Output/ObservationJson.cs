using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record ObservationJson(
    string Group, bool Observed, string? Host, IReadOnlyList<string> Obstacles, IReadOnlyList<HostObservationJson> Hosts)
{
    internal static ObservationJson Of(string group, ObserveResponse seen) => new(
        group,
        seen.IsObserved,
        seen.Host.Length == 0 ? null : seen.Host,
        [.. seen.Obstacles],
        [.. seen.Hosts.Select(HostObservationJson.Of)]);
}

internal sealed record HostObservationJson(
    string Host,
    string Problem,
    IReadOnlyList<ProgramObservationJson> Programs,
    IReadOnlyList<AddressObservationJson> Addresses,
    IReadOnlyList<RivalJson> Rivals,
    IReadOnlyList<string> Plan)
{
    internal static HostObservationJson Of(HostObservation host) => new(
        host.Host,
        host.Seen.Problem,
        [.. host.Seen.Programs.Select(p => new ProgramObservationJson(
            p.Program,
            p.Problem,
            [.. p.Processes.Select(s => new ProcessJson(s.Pid, s.Command, s.User, s.ParentPid, s.Parent, s.ParentRestarts, s.IsPiped))]))],
        [.. host.Seen.Addresses.Select(a => new AddressObservationJson(a.Address, a.Interface, a.FoundOn.Length == 0 ? null : a.FoundOn))],
        [.. host.Seen.Rivals.Select(r => new RivalJson(r.Pid, r.Name, r.Advice))],
        [.. host.Plan]);
}

internal sealed record ProgramObservationJson(string Program, string Problem, IReadOnlyList<ProcessJson> Processes);

internal sealed record ProcessJson(int Pid, string Command, string Uid, int ParentPid, string Parent, bool ParentRestarts, bool IsPiped);

internal sealed record AddressObservationJson(string Address, string Interface, string? FoundOn);

internal sealed record RivalJson(int Pid, string Name, string Advice);
