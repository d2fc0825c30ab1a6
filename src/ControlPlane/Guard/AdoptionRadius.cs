using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Guard;
using HaGrpc.V1;
using GuardedAct = HaGrpc.Core.Guard.GuardedAct;
using SaidText = HaGrpc.Core.Language.SaidText;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>What an adoption takes over: the processes that run, with their pids, and the addresses. The members are asked for it, as they are by the
/// call itself.</summary>
internal sealed class AdoptionRadius(Store store, AdoptCall adopt)
{
    /// <summary>Looks.</summary>
    /// <returns>Null when the call itself says what stands against it.</returns>
    public async Task<BlastRadius?> OfAsync(AdoptRequest request, Tenure tenure, CancellationToken ct)
    {
        AdoptResponse plan;
        try
        {
            plan = await adopt.PlanAsync(request, tenure, (await store.Registry.ReadAsync(ct)).Lasting, ct);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.FailedPrecondition or StatusCode.NotFound)
        {
            return null;
        }
        var epoch = await tenure.Loop.RunAsync(() => tenure.Loop.ReportGroup(request.Group)?.Epoch ?? 0);
        var programs = plan.Programs.Select(p => new HitProgram(p.Name, plan.Host, p.Pid != 0)).ToImmutableArray();
        return new(
            request.Force ? GuardedAct.AdoptForced : GuardedAct.Adopt,
            request.Group,
            [new(request.Group, plan.Host, epoch, [.. plan.Addresses], programs)],
            new(IsEverything: false, [request.Group]),
            [],
            [
                .. plan.Programs.Select(p => SaidText.Of($"{p.Name}: {p.Outcome}")),
                .. plan.Addresses.Select(a => SaidText.Of($"{a}: stays where it is, and is ours then")),
                .. plan.Remaining.Select(name => SaidText.Of($"{name}: still only observed")),
            ]);
    }
}
