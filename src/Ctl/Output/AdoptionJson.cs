using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record AdoptionJson(
    string Group,
    string Host,
    long Epoch,
    bool DryRun,
    IReadOnlyList<AdoptedProgramJson> Programs,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<string> Remaining)
{
    internal static AdoptionJson Of(AdoptRequest request, AdoptResponse done) => new(
        request.Group,
        done.Host,
        done.Epoch,
        request.DryRun,
        [.. done.Programs.Select(p => new AdoptedProgramJson(p.Name, p.Pid == 0 ? null : p.Pid, p.Outcome))],
        [.. done.Addresses],
        [.. done.Remaining]);
}

internal sealed record AdoptedProgramJson(string Name, int? Pid, string Outcome);
