using Grpc.Core;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Handover;
using HaGrpc.V1;
using SupervisionMode = HaGrpc.Core.Model.SupervisionMode;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What hosts see of a group, and what would be done about it.</summary>
internal sealed class ObserveCall(LeaderSeat seat, Sightings sightings)
{
    /// <summary>Answers the call when all hosts have answered, or were waited for in vain.</summary>
    public async Task<ObserveResponse> RunAsync(ObserveRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        var registry = tenure.Registry.Current;
        var group = Sightings.GroupOf(registry, request.Group);
        var programs = Sightings.ObservedOf(registry, group);
        var (hosts, owner) = await sightings.AskAsync(tenure, group, preflight: false, context.CancellationToken);
        var isObserved = group.Mode == SupervisionMode.Observe;
        var response = new ObserveResponse { IsObserved = isObserved };
        if (!isObserved && programs.IsEmpty)
        {
            response.Host = owner;
            return response;
        }
        var plan = AdoptionPlan.Of(group, programs, [.. hosts.Select(h => Sightings.ToCore(h, group, programs))], owner, "", force: false);
        response.Host = plan.Host;
        response.Obstacles.AddRange(plan.Obstacles);
        foreach (var host in hosts)
        {
            var observation = new HostObservation { Host = host.Host, Seen = host.Seen };
            observation.Plan.AddRange(PlanText.Of(group, plan, Sightings.ToCore(host, group, programs), takesAddresses: isObserved));
            response.Hosts.Add(observation);
        }
        return response;
    }
}
