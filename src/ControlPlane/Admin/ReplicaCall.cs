using System.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.ControlPlane.Health;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Who is asked, and who leads.</summary>
internal sealed class ReplicaCall(LeaderSeat seat, ProcessIdentity identity, OwnAddress address, Readiness readiness)
{
    private static readonly string Version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>Answers the call.</summary>
    public async Task<GetControlPlaneResponse> RunAsync(GetControlPlaneRequest request, ServerCallContext context)
    {
        var standing = seat.Standing(identity, address);
        var response = new GetControlPlaneResponse
        {
            Id = identity.ToString(),
            Version = Version,
            Address = address.Url,
            Role = standing.Role switch
            {
                Role.Leader => ControlPlaneRole.Leader,
                Role.Follower => ControlPlaneRole.Follower,
                _ => ControlPlaneRole.Undecided,
            },
            Term = standing.Term,
            Since = standing.Since?.ToTimestamp(),
            LeaderId = standing.LeaderId,
            LeaderAddress = standing.LeaderAddress,
            Detail = standing.Role == Role.Leader ? "" : seat.Vacancy,
        };
        if (!request.CheckDatabase)
            return response;
        var database = (await readiness.LookAsync(context.CancellationToken)).Database;
        (response.DatabaseOk, response.DatabaseDetail) = (database.Ok, database.Detail);
        return response;
    }
}
