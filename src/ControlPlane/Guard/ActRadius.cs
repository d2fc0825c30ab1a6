using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Guard;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using Group = HaGrpc.Core.Model.Group;
using GuardedAct = HaGrpc.Core.Guard.GuardedAct;
using ProgramState = HaGrpc.V1.ProgramState;
using SaidText = HaGrpc.Core.Language.SaidText;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>Which act a call is, and what it would hit now. A new guarded call gets a line here, one in <see cref="GuardedActs"/>, and one in
/// PreviewRequest.</summary>
internal sealed class ActRadius(Store store, AdoptionRadius adoptions, RevocationRadius revocations)
{
    private const int MostFindings = 3;
    private const int MostNamed = 5;

    /// <summary>Looks.</summary>
    /// <param name="request">The call's request.</param>
    /// <param name="tenure">The leadership that would carry it out.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Null when the guard does not know such a call, or when it would hit nothing: the call itself says what is wrong then.</returns>
    public async Task<BlastRadius?> OfAsync(IMessage request, Tenure tenure, CancellationToken ct)
    {
        var registry = tenure.Registry.Current;
        return request switch
        {
            StartProgramsRequest r => await ProgramsAsync(r.Selectors, (_, _, _) => GuardedAct.Start, tenure),
            StopProgramsRequest r => await ProgramsAsync(r.Selectors, ProgramScope.OfStop, tenure),
            RestartProgramsRequest r => await ProgramsAsync(r.Selectors, ProgramScope.OfRestart, tenure),
            SwitchoverRequest r => await tenure.Loop.RunAsync(() => Switchover(r, registry, tenure)),
            DrainHostRequest r => await tenure.Loop.RunAsync(() => OfHost(GuardedAct.Drain, r.Host, registry, tenure)),
            FenceRequest { DryRun: false } r => await tenure.Loop.RunAsync(() => OfHost(GuardedAct.Fence, r.Host, registry, tenure)),
            RevokeHostRequest r => await revocations.OfAsync(r, tenure, ct),
            AdoptRequest { DryRun: false } r => await adoptions.OfAsync(r, tenure, ct),
            UpdateProcessesRequest r => await tenure.Loop.RunAsync(() => UpdateRadius.Of(r, registry, tenure)),
            LockRequest r => OfLock(GuardedAct.Lock, r.Target, registry),
            UnlockRequest r => OfLock(
                r.Target?.Scope == V1.LockScope.Everything ? GuardedAct.UnlockAll : GuardedAct.Unlock, r.Target, registry),
            ApplyRequest { DryRun: false } r => r.Prune ? await PruneAsync(r, tenure, ct) ?? OfApply(r) : OfApply(r),
            DeleteRequest { DryRun: false } r => await DeleteAsync(r, tenure, ct),
            RollbackRequest { DryRun: false } r => await RollbackAsync(r, tenure, ct),
            AddOperatorRequest r => OfNobody(GuardedAct.Operators, r.Name),
            SetOperatorDisabledRequest r => OfNobody(GuardedAct.Operators, r.Name),
            RemoveOperatorRequest r => OfNobody(GuardedAct.Operators, r.Name),
            SetPolicyRequest r => OfNobody(GuardedAct.Policy, r.Act),
            _ => null,
        };
    }

    private static async Task<BlastRadius?> ProgramsAsync(
        RepeatedField<string> selectors,
        Func<IReadOnlyCollection<string>, IEnumerable<ProgramName>, IEnumerable<ProgramName>, GuardedAct> judge,
        Tenure tenure)
    {
        var registry = tenure.Registry.Current;
        if (selectors.Count == 0)
            return null;
        var chosen = Selection.Of(selectors, registry).Programs.Select(p => p.Spec).ToArray();
        if (chosen.Length == 0)
            return null;
        var act = judge(selectors, chosen.Select(p => p.Name), registry.Programs.Select(p => p.Spec.Name));
        var groups = chosen.Select(p => p.Name.Group).ToHashSet(StringComparer.Ordinal);
        var isAll = selectors.Contains("all");
        return await tenure.Loop.RunAsync(() => new BlastRadius(
            act,
            isAll ? ConfirmedName.All : ConfirmedName.Of(groups),
            HitsOf(registry.Groups.Select(g => g.Spec).Where(g => groups.Contains(g.Name)), chosen, tenure),
            new(IsEverything: false, [.. groups.Order(StringComparer.Ordinal)]),
            [],
            []));
    }

    /// <summary>On the loop's thread. Groups of one sync group move together.</summary>
    private static BlastRadius? Switchover(SwitchoverRequest request, RegistrySnapshot registry, Tenure tenure)
    {
        if (registry.Groups.Select(g => g.Spec).FirstOrDefault(g => g.Name == request.Group) is not { } group
            || tenure.Loop.ReportGroup(group.Name) is not { } report)
        {
            return null;
        }
        Group[] moved = [.. registry.Groups.Select(g => g.Spec).Where(g => g.Name == group.Name || (g.SyncGroup.Length > 0 && g.SyncGroup == group.SyncGroup))];
        var target = request.TargetHost.Length > 0
            ? request.TargetHost
            : report.Backups.Where(b => b.Obstacle.Length == 0).Select(b => b.Host).FirstOrDefault() ?? "";
        var notes = target.Length == 0 || target == report.Owner ? [] : moved.SelectMany(g => Unreadiness(g.Name, target, tenure)).ToImmutableArray();
        return new(
            notes.IsEmpty ? GuardedAct.Switchover : GuardedAct.SwitchoverUnready,
            group.Name,
            HitsOf(moved, ProgramsOf(moved, registry), tenure),
            new(IsEverything: false, [.. moved.Select(g => g.Name)]),
            target.Length == 0 ? [] : [target],
            notes);
    }

    // Of a host that is away nothing is known now; a switchover to it is refused anyway.
    private static IEnumerable<SaidText> Unreadiness(string group, string host, Tenure tenure)
    {
        if (tenure.Agents.Of(host) is null || tenure.Readiness.Of(host, group) is not { Failing.Count: > 0 } readiness)
            yield break;
        foreach (var finding in readiness.Failing.Take(MostFindings))
            yield return SaidText.Of($"{host} is not ready for {group}: {finding.What} {finding.Subject}: {finding.Value}");
        if (readiness.Failing.Count + readiness.More - MostFindings is > 0 and var more)
            yield return SaidText.Of($"{host} is not ready for {group}: {more} more (hactl rehearse {group})");
    }

    /// <summary>On the loop's thread: what the host owns.</summary>
    private static BlastRadius? OfHost(GuardedAct act, string host, RegistrySnapshot registry, Tenure tenure)
    {
        if (registry.Hosts.All(h => h.Spec.Name != host))
            return null;
        Group[] owned = [.. registry.Groups.Select(g => g.Spec).Where(g => tenure.Loop.ReportGroup(g.Name)?.Owner == host)];
        var member = registry.Groups.Select(g => g.Spec).Where(g => g.Members.Any(m => m.Host == host)).Select(g => g.Name).ToImmutableArray();
        return new(act, host, HitsOf(owned, ProgramsOf(owned, registry), tenure), new(member.IsEmpty, member), [host], []);
    }

    private static BlastRadius OfLock(GuardedAct act, V1.LockTarget? target, RegistrySnapshot registry)
    {
        var about = CallObject.Locked(target);
        var groups = registry.Groups.Select(g => g.Spec).Where(g => about.Kind switch
        {
            CallObjectKind.Group => g.Name == about.Name,
            CallObjectKind.Host => g.Members.Any(m => m.Host == about.Name),
            _ => true,
        }).Select(g => g.Name).ToImmutableArray();
        var isEverything = about.Kind == CallObjectKind.Everything;
        var note = (act == GuardedAct.Lock, groups.Length) switch
        {
            (true, 1) => SaidText.Of("1 group not to move by themselves"),
            (true, _) => SaidText.Of($"{groups.Length} groups not to move by themselves"),
            (false, 1) => SaidText.Of("1 group to move by themselves again"),
            _ => SaidText.Of($"{groups.Length} groups to move by themselves again"),
        };
        return new(
            act,
            isEverything ? ConfirmedName.All : about.Name,
            [],
            new(isEverything, groups),
            about.Kind == CallObjectKind.Host ? [about.Name] : [],
            [note]);
    }

    private static BlastRadius? OfApply(ApplyRequest request)
    {
        var groups = request.Groups.Select(g => g.Name).Concat(request.Programs.Select(p => p.Group)).Distinct(StringComparer.Ordinal).ToImmutableArray();
        if (groups.IsEmpty && request.Hosts.Count == 0)
            return null;
        var note = SaidText.Of($"registers {request.Hosts.Count} hosts, {request.Groups.Count} groups, {request.Programs.Count} programs");
        return new(
            GuardedAct.Apply,
            groups.IsEmpty ? ConfirmedName.Of([.. request.Hosts.Select(h => h.Name)]) : ConfirmedName.Of(groups),
            [],
            new(request.Hosts.Count > 0, groups),
            [.. request.Hosts.Select(h => h.Name)],
            [note]);
    }

    /// <summary>Null when every object is named: nothing is pruned. A manifest with mistakes, or with nothing in it, the call itself refuses.</summary>
    private async Task<BlastRadius?> PruneAsync(ApplyRequest request, Tenure tenure, CancellationToken ct)
    {
        var mistakes = new List<Core.Model.FieldError>();
        var model = request.ToModel(mistakes);
        if (mistakes.Count > 0 || (model.Hosts.IsEmpty && model.Groups.IsEmpty && model.Programs.IsEmpty))
            return null;
        var stored = (await store.Registry.ReadAsync(ct)).Lasting;
        return await GoingAsync(GuardedAct.Prune, Pruned.Of(new(), model, stored), stored, tenure);
    }

    private async Task<BlastRadius?> DeleteAsync(DeleteRequest request, Tenure tenure, CancellationToken ct)
    {
        var registered = await store.Registry.ReadAsync(ct);
        var plan = new DeletionPlan(request, registered);
        return plan.Refusals.Count > 0 ? null : await GoingAsync(GuardedAct.Delete, plan.Changes(""), registered.Lasting, tenure);
    }

    /// <summary>Null when nothing goes.</summary>
    private static async Task<BlastRadius?> GoingAsync(GuardedAct act, RegistryChanges changes, RegistrySnapshot stored, Tenure tenure)
    {
        var ended = changes.RetiredGroups.ToHashSet(StringComparer.Ordinal);
        var deleted = changes.DeletedPrograms.ToHashSet();
        var touched = ended.Concat(deleted.Select(p => p.Group)).ToHashSet(StringComparer.Ordinal);
        if (touched.Count == 0 && changes.DeletedHosts.IsEmpty)
            return null;
        var programs = stored.Programs.Select(p => p.Spec).Where(p => ended.Contains(p.Name.Group) || deleted.Contains(p.Name)).ToArray();
        return await tenure.Loop.RunAsync(() => new BlastRadius(
            act,
            ConfirmedName.Of(touched.Count > 0 ? touched : [.. changes.DeletedHosts]),
            HitsOf(stored.Groups.Select(g => g.Spec).Where(g => touched.Contains(g.Name)), programs, ended, tenure),
            new(!changes.DeletedHosts.IsEmpty, [.. touched.Order(StringComparer.Ordinal)]),
            changes.DeletedHosts,
            [Deletes(ended, changes.DeletedHosts.Length, programs)]));
    }

    /// <summary>What has been registered since and would go.</summary>
    private async Task<BlastRadius?> RollbackAsync(RollbackRequest request, Tenure tenure, CancellationToken ct)
    {
        if (await store.Revisions.ReadAfterAsync(request.Revision, ct) is not { } since)
            return null;
        var stored = (await store.Registry.ReadAsync(ct)).Lasting;
        var changes = new EarlierState(since, stored).Changes;
        var ended = changes.RetiredGroups.ToHashSet(StringComparer.Ordinal);
        var surplus = changes.Surplus.ToHashSet();
        var gone = stored.Programs.Select(p => p.Spec).Where(p => surplus.Contains(p.Name) || ended.Contains(p.Name.Group)).ToArray();
        var groups = gone.Select(p => p.Name.Group).Concat(ended).ToHashSet(StringComparer.Ordinal);
        var touched = changes.Programs.Select(p => p.Name.Group).Concat(changes.Groups.Select(g => g.Name)).Concat(groups).Distinct().ToImmutableArray();
        var removes = groups.Count > 0 || !changes.DeletedHosts.IsEmpty;
        return await tenure.Loop.RunAsync(() => new BlastRadius(
            removes ? GuardedAct.RollbackRemoving : GuardedAct.Rollback,
            request.Revision.ToString(CultureInfo.InvariantCulture),
            HitsOf(stored.Groups.Select(g => g.Spec).Where(g => groups.Contains(g.Name)), gone, ended, tenure),
            new(IsEverything: true, touched),
            changes.DeletedHosts,
            removes ? [Deletes(ended, changes.DeletedHosts.Length, gone)] : []));
    }

    /// <summary>What is not registered any more afterwards: programs that go alone by name, with a group only how many.</summary>
    private static SaidText Deletes(HashSet<string> groups, int hosts, Core.Model.Program[] programs)
    {
        string[] alone = [.. programs.Where(p => !groups.Contains(p.Name.Group)).Select(p => p.Name.ToString())];
        string[] parts = [Count(groups.Count, "group"), Count(hosts, "host"), Count(programs.Length, "program")];
        var named = alone.Length == 0 ? "" : $" ({string.Join(", ", alone.Take(MostNamed))}{(alone.Length > MostNamed ? ", …" : "")})";
        // What is none is left out in English only.
        return SaidText.Of($"to be deleted: {groups.Count} groups, {hosts} hosts, {programs.Length} programs{named}")
            .As($"to be deleted: {string.Join(", ", parts.Where(p => p.Length > 0))}{named}");
    }

    private static string Count(int number, string what) =>
        number == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");

    // The addresses of a group that stays are not touched.
    private static ImmutableArray<GroupHit> HitsOf(IEnumerable<Group> groups, IReadOnlyCollection<Core.Model.Program> programs, HashSet<string> ended, Tenure tenure) =>
        [.. HitsOf(groups, programs, tenure).Select(h => ended.Contains(h.Group) ? h : h with { Vips = [] })];

    private static BlastRadius OfNobody(GuardedAct act, string name) => new(act, name, [], new(IsEverything: true, []), [], []);

    private static Core.Model.Program[] ProgramsOf(Group[] groups, RegistrySnapshot registry)
    {
        var names = groups.Select(g => g.Name).ToHashSet(StringComparer.Ordinal);
        return [.. registry.Programs.Select(p => p.Spec).Where(p => names.Contains(p.Name.Group))];
    }

    /// <summary>What of groups some programs are. On the loop's thread.</summary>
    public static ImmutableArray<GroupHit> HitsOf(IEnumerable<Group> groups, IReadOnlyCollection<Core.Model.Program> programs, Tenure tenure)
    {
        var own = programs.ToLookup(p => p.Name.Group, StringComparer.Ordinal);
        return
        [
            .. groups.Select(group =>
            {
                var report = tenure.Loop.ReportGroup(group.Name);
                var places = ProgramPlaces.Of(tenure, group.Name);
                return new GroupHit(
                    group.Name,
                    report?.Owner ?? "",
                    report?.Epoch ?? 0,
                    [.. group.Vips.Select(v => v.Address)],
                    [
                        .. own[group.Name].SelectMany(p => places.Of(p).Select(
                            place => new HitProgram(p.Name.ToString(), place.Host, place.Host.Length > 0 && IsUp(tenure.Programs.Of(place.Host, p.Name))))),
                    ]);
            }),
        ];
    }

    private static bool IsUp(ProgramStatus? status) =>
        status?.State is ProgramState.Running or ProgramState.Starting or ProgramState.Stopping or ProgramState.Backoff;
}
