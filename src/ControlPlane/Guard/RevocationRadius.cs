using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Guard;
using HaGrpc.Core.Identity;
using HaGrpc.V1;
using Group = HaGrpc.Core.Model.Group;
using GuardedAct = HaGrpc.Core.Guard.GuardedAct;
using RunOn = HaGrpc.Core.Model.RunOn;
using SaidText = HaGrpc.Core.Language.SaidText;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>What a revocation of a host hits: it is cut off at once, and what it owns ends there when its leases do.</summary>
internal sealed class RevocationRadius(Store store, TimeProvider time)
{
    /// <summary>Looks.</summary>
    /// <returns>Null for a host of which nothing is known.</returns>
    public async Task<BlastRadius?> OfAsync(RevokeHostRequest request, Tenure tenure, CancellationToken ct)
    {
        var (host, registry, now) = (request.Host, tenure.Registry.Current, time.GetUtcNow());
        var certificates = (await store.Identities.ReadCertificatesAsync(host, ct)).Count(c => c.Revocation is null && c.NotAfter > now);
        var tokens = (await store.Identities.ReadTokensAsync(ct))
            .Count(t => t.Facts.Host == host && JoinTokenRules.StateOf(t.Facts, now) == JoinTokenState.Unused);
        if (certificates == 0 && tokens == 0 && registry.Hosts.All(h => h.Spec.Name != host))
            return null;
        return await tenure.Loop.RunAsync(() => Of(host, certificates, tokens, registry, tenure));
    }

    private static BlastRadius Of(string host, int certificates, int tokens, RegistrySnapshot registry, Tenure tenure)
    {
        Group[] member = [.. registry.Groups.Select(g => g.Spec).Where(g => g.Members.Any(m => m.Host == host))];
        var programs = registry.Programs.Select(p => p.Spec).Where(p => member.Any(g => g.Name == p.Name.Group)).ToArray();
        var hits = ImmutableArray.CreateBuilder<GroupHit>();
        var notes = ImmutableArray.CreateBuilder<SaidText>();
        notes.Add(tenure.Agents.Of(host) is null
            ? SaidText.Of($"{host} is not connected; it is refused from now on")
            : SaidText.Of($"{host} is cut off at once, and refused from then on, also by the other members of its groups"));
        var everywhere = programs.Where(p => p.RunOn == RunOn.All).Select(p => p.Name.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var (group, hit) in member.Zip(ActRadius.HitsOf(member, programs, tenure)))
        {
            var there = hit.Programs.Where(p => p.Host == host).ToLookup(p => everywhere.Contains(p.Name));
            if (there[true].Where(p => p.IsUp).Select(p => p.Name).ToArray() is { Length: > 0 } lasting)
                notes.Add(SaidText.Of($"{group.Name}: what runs on every member goes on there, and nobody sees it: {string.Join(", ", lasting)}"));
            if (hit.Owner != host)
                continue;
            hits.Add(hit with { Programs = [.. there[false]] });
            notes.Add(Ends(group, tenure));
        }
        var words = string.Create(
            CultureInfo.InvariantCulture,
            $"void: {certificates} {(certificates == 1 ? "certificate" : "certificates")}, {tokens} unused {(tokens == 1 ? "token" : "tokens")}");
        notes.Add(SaidText.Of($"void: {certificates} certificates, {tokens} unused tokens").As(words));
        return new(
            GuardedAct.Revoke, host, hits.ToImmutable(), new(member.Length == 0, [.. member.Select(g => g.Name)]), [host], notes.ToImmutable());
    }

    private static SaidText Ends(Group group, Tenure tenure)
    {
        // docs/adr/0007: what never moves needs no lease, and has none that could end.
        if (group.Members.Length == 1)
            return SaidText.Of($"{group.Name} has no other member and needs no lease: it goes on there (hactl fence ends it)");
        var (name, longest) = (group.Name, group.Timing.Ttl.TotalSeconds);
        return tenure.Loop.ReportGroup(name)?.Backups.Where(b => b.Obstacle.Length == 0).Select(b => b.Host).FirstOrDefault() is { } next
            ? SaidText.Of($"{name}: its programs and addresses end there with its lease, after {longest:0.#} s at most; {next} takes it then")
            : SaidText.Of($"{name}: its programs and addresses end there with its lease, after {longest:0.#} s at most; no other member can take it now");
    }
}
