using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using LockScope = HaGrpc.ControlPlane.Storage.LockScope;
using LockTarget = HaGrpc.ControlPlane.Storage.LockTarget;
using OperatorLock = HaGrpc.ControlPlane.Storage.OperatorLock;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Locks of groups, hosts and everything: stored, so that they outlive every restart (rule C2).</summary>
internal sealed class LockCalls(LeaderSeat seat, Store store, EventSignal signal)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Locks.</summary>
    public async Task<LockResponse> LockAsync(LockRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        RequestText.Check("reason", request.Reason);
        var target = TargetOf(request.Target);
        var duration = request.Duration?.ToTimeSpan();
        if (duration < TimeSpan.FromSeconds(1) || duration > Longest)
            throw Refused(StatusCode.InvalidArgument, $"duration: {duration} is not 1 second to {Longest.Days} days");
        var actor = Peer.Lasting(context);
        OperatorLock? before = null;
        var made = await tenure.Registry.WriteAsync(
            () =>
            {
                before = tenure.Registry.LocksInForce.FirstOrDefault(l => l.Target == target);
                return store.Registry.LockAsync(target, duration, actor, request.Reason, context.CancellationToken);
            },
            context.CancellationToken);
        signal.Pulse();
        if (made is null)
            throw Unknown(target, tenure.Registry.Current);
        if (made.By != actor)
            throw Refused(StatusCode.FailedPrecondition, $"{made.Describe()}; it can be unlocked by force first");
        AuditNotes.Of(context).Change($"lock of {target}", before is null ? null : ToProto(before), ToProto(made));
        return new() { Lock = ToProto(made) };
    }

    /// <summary>Unlocks.</summary>
    public async Task<UnlockResponse> UnlockAsync(UnlockRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        RequestText.Check("reason", request.Reason);
        var target = TargetOf(request.Target);
        var (stored, isGone) = await tenure.Registry.WriteAsync(
            () => store.Registry.UnlockAsync(target, request.Force, Peer.Lasting(context), request.Reason, context.CancellationToken),
            context.CancellationToken);
        signal.Pulse();
        if (!isGone)
            throw Refused(StatusCode.FailedPrecondition, $"{stored!.Describe()}; only by force can others unlock it");
        // Nothing to unlock is no mistake; a name that is none is one, because what was meant stays locked.
        if (stored is null)
            return IsKnown(target, tenure.Registry.Current) ? new() : throw Unknown(target, tenure.Registry.Current);
        AuditNotes.Of(context).Change($"lock of {target}", ToProto(stored), after: null);
        return new() { Lock = ToProto(stored) };
    }

    /// <summary>All that are in force.</summary>
    public ListLocksResponse List()
    {
        var tenure = seat.Demand();
        var response = new ListLocksResponse();
        response.Locks.AddRange(tenure.Registry.LocksInForce.Select(ToProto));
        return response;
    }

    /// <summary>A lock on the wire.</summary>
    public static V1.OperatorLock ToProto(OperatorLock stored) => new()
    {
        Target = new()
        {
            Scope = stored.Target.Scope switch
            {
                LockScope.Group => V1.LockScope.Group,
                LockScope.Host => V1.LockScope.Host,
                _ => V1.LockScope.Everything,
            },
            Name = stored.Target.Name,
        },
        LockedBy = stored.By,
        LockedAt = stored.At.ToTimestamp(),
        Reason = stored.Reason,
        ExpiresAt = stored.ExpiresAt?.ToTimestamp(),
    };

    private static LockTarget TargetOf(V1.LockTarget? said)
    {
        LockScope? scope = said?.Scope switch
        {
            V1.LockScope.Group => LockScope.Group,
            V1.LockScope.Host => LockScope.Host,
            V1.LockScope.Everything => LockScope.Everything,
            _ => null,
        };
        if (scope is not { } known)
            throw Refused(StatusCode.InvalidArgument, "target.scope: must say a group, a host or everything");
        RequestText.Check("target.name", said!.Name);
        if (known == LockScope.Everything != (said.Name.Length == 0))
        {
            throw Refused(StatusCode.InvalidArgument, known == LockScope.Everything
                ? $"target.name: '{said.Name}' must be empty when everything is meant"
                : "target.name: must not be empty");
        }
        return new(known, said.Name);
    }

    private static bool IsKnown(LockTarget target, RegistrySnapshot registry) =>
        target.Scope == LockScope.Everything || NamesLike(target, registry).Contains(target.Name, StringComparer.Ordinal);

    private static IEnumerable<string> NamesLike(LockTarget target, RegistrySnapshot registry) =>
        target.Scope == LockScope.Host ? registry.Hosts.Select(h => h.Spec.Name) : registry.Groups.Select(g => g.Spec.Name);

    private static RpcException Unknown(LockTarget target, RegistrySnapshot registry)
    {
        var near = NearestName.Of(target.Name, NamesLike(target, registry)) is { } name ? $"; did you mean {name}?" : "";
        return Refused(StatusCode.NotFound, $"{(target.Scope == LockScope.Host ? "host" : "group")}: there is no {target}{near}");
    }

    private static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));
}
