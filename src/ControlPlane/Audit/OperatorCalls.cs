using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using HaGrpc.ControlPlane.Guard;
using HaGrpc.V1;
using OperatorRole = HaGrpc.Core.Access.OperatorRole;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>
/// Every call of the operators' services, in one table: whether it changes something, which role it needs, and what it is about. A test walks the
/// services by their descriptors; what has no line here all the same counts as a change of everything.
/// </summary>
internal static class OperatorCalls
{
    private const string Package = "/hagrpc.v1.";
    private const OperatorRole None = OperatorRole.None, Viewer = OperatorRole.Viewer, Operator = OperatorRole.Operator, Admin = OperatorRole.Admin;

    // Called by agents, which are known by their hosts' certificates.
    private static readonly string[] AgentsServices = [nameof(AgentService), nameof(PeerService), nameof(EnrollmentService)];

    private static readonly FrozenDictionary<string, OperatorCall> Known = new[]
    {
        Change<ApplyRequest>("AdminService/Apply", Admin, Applied) with
        {
            IsTrial = static r => ((ApplyRequest)r).DryRun,
            Failure = static r => string.Join("; ", ((ApplyResponse)r).Errors.Take(5).Select(e => $"{e.Path}: {e.Value}: {e.Message}")),
        },
        // Answers about all groups show an account its own (ScopedView); what is asked for by name has to be among them.
        Read<IMessage>("AdminService/ListHosts", Viewer, Nothing),
        Read<ListGroupsRequest>("AdminService/ListGroups", Viewer, static r => r.Names.Select(CallObject.Group)),
        Read<ListProgramsRequest>("AdminService/ListPrograms", Viewer, static r => r.Selectors.Where(s => s != "all").Select(CallObject.Selected)),
        Change<StartProgramsRequest>("AdminService/StartPrograms", Operator, static r => r.Selectors.Select(CallObject.Selected)),
        Change<StopProgramsRequest>("AdminService/StopPrograms", Operator, static r => r.Selectors.Select(CallObject.Selected)),
        Change<RestartProgramsRequest>("AdminService/RestartPrograms", Operator, static r => r.Selectors.Select(CallObject.Selected)),
        Change<SwitchoverRequest>("AdminService/Switchover", Operator, static r => [CallObject.Group(r.Group)]),
        Change<DrainHostRequest>("AdminService/DrainHost", Operator, static r => [CallObject.Host(r.Host)]),
        Change<UndrainHostRequest>("AdminService/UndrainHost", Operator, static r => [CallObject.Host(r.Host)]),
        Change<LockRequest>("AdminService/Lock", Operator, static r => [CallObject.Locked(r.Target)]),
        Change<UnlockRequest>("AdminService/Unlock", Operator, static r => [CallObject.Locked(r.Target)]) with
        {
            Role = static r => CallObject.Locked(((UnlockRequest)r).Target).Kind == CallObjectKind.Everything ? Admin : Operator,
        },
        Read<IMessage>("AdminService/ListLocks", Viewer, Nothing),
        Read<RehearseRequest>("AdminService/Rehearse", Operator, static r => [CallObject.Group(r.Group)]),
        Read<ObserveRequest>("AdoptionService/Observe", Viewer, static r => [CallObject.Group(r.Group)]),
        Read<PreflightRequest>("AdoptionService/Preflight", Operator, static r => [CallObject.Group(r.Group)]),
        Change<AdoptRequest>("AdoptionService/Adopt", Operator, static r => [CallObject.Group(r.Group)]) with
        {
            IsTrial = static r => ((AdoptRequest)r).DryRun,
        },
        Change<FenceRequest>("AdminService/Fence", Admin, static r => [CallObject.Host(r.Host)]) with
        {
            IsTrial = static r => ((FenceRequest)r).DryRun,
        },
        Read<ListEventsRequest>("AdminService/ListEvents", Viewer, static r => Filtered(r.Filter)),
        Read<WatchEventsRequest>("AdminService/WatchEvents", Viewer, static r => Filtered(r.Filter)),
        Read<TailLogsRequest>("AdminService/TailLogs", Viewer, static r => [CallObject.Group(r.Group)]),
        // Who leads, and who one is oneself, is told to everybody: one cannot come in without knowing.
        Read<IMessage>("AdminService/GetControlPlane", None, Nothing),
        Read<IMessage>("AccessService/GetCaller", None, Nothing),
        Read<IMessage>("RegistryService/Export", Viewer, Nothing),
        Read<IMessage>("RegistryService/ListRevisions", Viewer, static _ => [CallObject.Everything]),
        Change<RollbackRequest>("RegistryService/Rollback", Admin, static _ => [CallObject.Everything]) with
        {
            IsTrial = static r => ((RollbackRequest)r).DryRun,
            Failure = static r => string.Join("; ", ((RollbackResponse)r).Refusals.Take(5)),
        },
        Change<DeleteRequest>("RegistryService/Delete", Admin, Deleted) with
        {
            IsTrial = static r => ((DeleteRequest)r).DryRun,
            Failure = static r => string.Join("; ", ((DeleteResponse)r).Refusals.Take(5)),
        },
        // What runs, and as whom, is decided by it: as much as Apply, of one group.
        Change<UpdateProcessesRequest>("ReleaseService/UpdateProcesses", Admin, static r => r.Program is { } p ? [CallObject.Selected($"{p.Group}:{p.Name}")] : [CallObject.Everything]) with
        {
            Failure = static r => string.Join("; ", ((UpdateProcessesResponse)r).Errors.Take(5).Select(e => $"{e.Path}: {e.Value}: {e.Message}")),
        },
        Read<WatchStatesRequest>("StateService/WatchStates", Viewer, static r => r.Selectors.Where(s => s != "all").Select(CallObject.Selected)),
        Read<ExplainProgramRequest>("ExplanationService/ExplainProgram", Viewer, static r => [CallObject.Selected($"{r.Group}:{r.Name}")]),
        Read<ReadAuditRequest>("AuditService/ReadAudit", Viewer, static _ => [CallObject.Everything]),
        Read<GetAuditHeadRequest>("AuditService/GetAuditHead", Viewer, static _ => [CallObject.Everything]),
        Read<ListOperatorsRequest>("AccessService/ListOperators", Admin, static _ => [CallObject.Everything]),
        Change<AddOperatorRequest>("AccessService/AddOperator", Admin, static r => [CallObject.Operator(r.Name)]),
        Change<SetOperatorDisabledRequest>("AccessService/SetOperatorDisabled", Admin, static r => [CallObject.Operator(r.Name)]),
        Change<RemoveOperatorRequest>("AccessService/RemoveOperator", Admin, static r => [CallObject.Operator(r.Name)]),
        // Whoever may do it may see what it would hit.
        new OperatorCall
        {
            Name = "GuardService/Preview",
            Changes = false,
            Role = static r => PreviewedCall.Of((PreviewRequest)r) is ({ } call, var inner) ? call.Role(inner) : Viewer,
            About = static r => PreviewedCall.Of((PreviewRequest)r) is ({ } call, var inner) ? call.About(inner) : [],
        },
        Read<IMessage>("GuardService/GetPolicy", Viewer, Nothing),
        Change<SetPolicyRequest>("GuardService/SetPolicy", Admin, static _ => [CallObject.Everything]),
        // Which groups a request is about is known when it is found: the endpoint looks at that.
        Read<IMessage>("GuardService/ListApprovals", Viewer, Nothing),
        Read<IMessage>("GuardService/GetApproval", Viewer, Nothing),
        Change<ApproveRequest>("GuardService/Approve", Operator, static r => [ApprovalOf(r.Id)]),
        Change<DenyRequest>("GuardService/Deny", Operator, static r => [ApprovalOf(r.Id)]),
        Change<CreateJoinTokenRequest>("IdentityService/CreateJoinToken", Admin, static r => [CallObject.Host(r.Host)]),
        Read<IMessage>("IdentityService/ListJoinTokens", Admin, static _ => [CallObject.Everything]),
        // By its id alone nobody knows yet whose it is.
        Change<RevokeJoinTokenRequest>("IdentityService/RevokeJoinToken", Admin, static _ => [CallObject.Everything]),
        Change<RevokeHostRequest>("IdentityService/RevokeHost", Admin, static r => [CallObject.Host(r.Host)]),
        Change<AllowHostRequest>("IdentityService/AllowHost", Admin, static r => [CallObject.Host(r.Host)]),
        Read<ListHostCertificatesRequest>(
            "IdentityService/ListHostCertificates", Viewer, static r => [r.Host.Length > 0 ? CallObject.Host(r.Host) : CallObject.Everything]),
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
        return Known.GetValueOrDefault(name) ?? new() { Name = name, Changes = true, About = static _ => [CallObject.Everything] };
    }

    // Which programs and groups; whoever registers hosts decides where everything may run.
    private static IEnumerable<CallObject> Applied(ApplyRequest request) =>
    [
        .. request.Prune ? [CallObject.Everything] : (CallObject[])[],
        .. request.Hosts.Select(h => CallObject.Host(h.Name)),
        .. request.Groups.Select(g => CallObject.Group(g.Name)),
        .. request.Programs.Select(p => CallObject.Selected($"{p.Group}:{p.Name}")),
    ];

    private static IEnumerable<CallObject> Deleted(DeleteRequest request) =>
    [
        .. request.Hosts.Select(CallObject.Host),
        .. request.Groups.Select(CallObject.Group),
        .. request.Programs.Select(CallObject.Selected),
    ];

    private static IEnumerable<CallObject> Filtered(EventFilter? filter) => filter is { Group.Length: > 0 } ? [CallObject.Group(filter.Group)] : [];

    private static CallObject ApprovalOf(long id) => new(CallObjectKind.Approval, id.ToString(CultureInfo.InvariantCulture));

    private static IEnumerable<CallObject> Nothing(IMessage request) => [];

    private static OperatorCall Read<T>(string name, OperatorRole role, Func<T, IEnumerable<CallObject>> about)
        where T : IMessage => new() { Name = name, Changes = false, Role = _ => role, About = Once(about) };

    private static OperatorCall Change<T>(string name, OperatorRole role, Func<T, IEnumerable<CallObject>> about)
        where T : IMessage => new() { Name = name, Changes = true, Role = _ => role, About = Once(about) };

    private static Func<IMessage, ImmutableArray<CallObject>> Once<T>(Func<T, IEnumerable<CallObject>> about)
        where T : IMessage => request => [.. about((T)request).Distinct()];
}
