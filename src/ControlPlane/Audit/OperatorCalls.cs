using System.Collections.Frozen;
using System.Collections.Immutable;
using Google.Protobuf;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>
/// Every call of the operators' services, in one table: whether it changes something, and what it is about. A test walks the
/// services by their descriptors; what has no line here all the same counts as a change of everything.
/// </summary>
internal static class OperatorCalls
{
    private const string Package = "/hagrpc.v1.";

    // Called by agents, which are known by their hosts' certificates.
    private static readonly string[] AgentsServices = [nameof(AgentService), nameof(PeerService)];

    private static readonly FrozenDictionary<string, OperatorCall> Known = new[]
    {
        Change<ApplyRequest>("AdminService/Apply", Applied) with
        {
            IsTrial = static r => ((ApplyRequest)r).DryRun,
            Failure = static r => string.Join("; ", ((ApplyResponse)r).Errors.Take(5).Select(e => $"{e.Path}: {e.Value}: {e.Message}")),
        },
        Read("AdminService/ListHosts"),
        Read("AdminService/ListGroups"),
        Read("AdminService/ListPrograms"),
        Change<StartProgramsRequest>("AdminService/StartPrograms", static r => r.Selectors.Select(CallObject.Selected)),
        Change<StopProgramsRequest>("AdminService/StopPrograms", static r => r.Selectors.Select(CallObject.Selected)),
        Change<RestartProgramsRequest>("AdminService/RestartPrograms", static r => r.Selectors.Select(CallObject.Selected)),
        Change<SwitchoverRequest>("AdminService/Switchover", static r => [CallObject.Group(r.Group)]),
        Change<DrainHostRequest>("AdminService/DrainHost", static r => [CallObject.Host(r.Host)]),
        Change<UndrainHostRequest>("AdminService/UndrainHost", static r => [CallObject.Host(r.Host)]),
        Change<LockRequest>("AdminService/Lock", static r => [CallObject.Locked(r.Target)]),
        Change<UnlockRequest>("AdminService/Unlock", static r => [CallObject.Locked(r.Target)]),
        Read("AdminService/ListLocks"),
        Read<RehearseRequest>("AdminService/Rehearse", static r => [CallObject.Group(r.Group)]),
        Change<FenceRequest>("AdminService/Fence", static r => [CallObject.Host(r.Host)]) with { IsTrial = static r => ((FenceRequest)r).DryRun },
        Read("AdminService/ListEvents"),
        Read("AdminService/WatchEvents"),
        Read<TailLogsRequest>("AdminService/TailLogs", static r => [CallObject.Group(r.Group)]),
        Read("AdminService/GetControlPlane"),
        Read<ReadAuditRequest>("AuditService/ReadAudit", static _ => [CallObject.Everything]),
        Read<GetAuditHeadRequest>("AuditService/GetAuditHead", static _ => [CallObject.Everything]),
    }.ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);

    /// <summary>The names of all calls in the table.</summary>
    public static IEnumerable<string> Names => Known.Keys;

    /// <summary>The call of a gRPC method; null when it is none of operators: of agents, of health, of reflection.</summary>
    /// <param name="method">For example <c>/hagrpc.v1.AdminService/Apply</c>.</param>
    public static OperatorCall? Find(string method)
    {
        if (!method.StartsWith(Package, StringComparison.Ordinal))
            return null;
        var name = method[Package.Length..];
        if (AgentsServices.Any(service => name.StartsWith($"{service}/", StringComparison.Ordinal)))
            return null;
        return Known.GetValueOrDefault(name) ?? Change<IMessage>(name, static _ => [CallObject.Everything]);
    }

    // Which programs and groups; whoever registers hosts decides where everything may run.
    private static IEnumerable<CallObject> Applied(ApplyRequest request) =>
    [
        .. request.Hosts.Select(h => CallObject.Host(h.Name)),
        .. request.Groups.Select(g => CallObject.Group(g.Name)),
        .. request.Programs.Select(p => CallObject.Selected($"{p.Group}:{p.Name}")),
    ];

    private static OperatorCall Read(string name) => Read<IMessage>(name, static _ => []);

    private static OperatorCall Read<T>(string name, Func<T, IEnumerable<CallObject>> about)
        where T : IMessage => new() { Name = name, Changes = false, About = Once(about) };

    private static OperatorCall Change<T>(string name, Func<T, IEnumerable<CallObject>> about)
        where T : IMessage => new() { Name = name, Changes = true, About = Once(about) };

    private static Func<IMessage, ImmutableArray<CallObject>> Once<T>(Func<T, IEnumerable<CallObject>> about)
        where T : IMessage => request => [.. about((T)request).Distinct()];
}
