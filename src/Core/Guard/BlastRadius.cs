using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HaGrpc.Core.Access;

namespace HaGrpc.Core.Guard;

/// <summary>A process that an act hits.</summary>
/// <param name="Name"><c>GROUP:NAME</c>.</param>
/// <param name="Host">Where it is or would be; empty when nobody owns its group.</param>
/// <param name="IsUp">True: it runs, or is about to.</param>
public readonly record struct HitProgram(string Name, string Host, bool IsUp);

/// <summary>What an act hits of one group.</summary>
/// <param name="Group">Its name.</param>
/// <param name="Owner">The owner; empty for none.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Vips">Its addresses.</param>
/// <param name="Programs">The processes that the act is about.</param>
public sealed record GroupHit(string Group, string Owner, long Epoch, ImmutableArray<string> Vips, ImmutableArray<HitProgram> Programs);

/// <summary>What an act would hit now.</summary>
/// <param name="Act">The act.</param>
/// <param name="Name">What whoever confirms has to say again.</param>
/// <param name="Groups">What of which groups.</param>
/// <param name="Touched">The groups that it is about, for roles and the policy.</param>
/// <param name="Hosts">Hosts that it is about itself.</param>
/// <param name="Notes">What else to know.</param>
public sealed record BlastRadius(
    GuardedAct Act, string Name, ImmutableArray<GroupHit> Groups, TouchedGroups Touched, ImmutableArray<string> Hosts, ImmutableArray<string> Notes)
{
    private const int MostNamed = 5;

    /// <summary>The processes that are up.</summary>
    public IEnumerable<HitProgram> Running => Groups.SelectMany(g => g.Programs).Where(p => p.IsUp);

    /// <summary>Hosts that it is about, or on which it hits something.</summary>
    public ImmutableArray<string> AllHosts =>
    [
        .. Hosts.Concat(Groups.Select(g => g.Owner)).Concat(Running.Select(p => p.Host)).Where(h => h.Length > 0)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>
    /// What has to be the same for a confirmation to count, as SHA-256 in hexadecimal: the act, the groups with owners, epochs and addresses, the
    /// processes and which of them are up. Process ids, clients and notes come and go, and are left out; so is what is up of an act that is done in
    /// steps, because each step changes that.
    /// </summary>
    public string Fingerprint()
    {
        var text = new StringBuilder();
        var isInSteps = GuardedActs.Of(Act).IsInSteps;
        Line("act", GuardedActs.NameOf(Act), Name);
        foreach (var host in Hosts)
            Line("host", host);
        foreach (var group in Groups.OrderBy(g => g.Group, StringComparer.Ordinal))
        {
            Line("group", group.Group, group.Owner, group.Epoch.ToString(CultureInfo.InvariantCulture));
            foreach (var vip in group.Vips.Order(StringComparer.Ordinal))
                Line("vip", vip);
            foreach (var program in group.Programs.OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Host, StringComparer.Ordinal))
                Line("program", program.Name, program.Host, isInSteps ? "" : program.IsUp ? "up" : "down");
        }
        foreach (var group in Touched.Names.Order(StringComparer.Ordinal))
            Line("touched", group);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));

        // With lengths, so that no text can pass for two.
        void Line(params ReadOnlySpan<string> parts)
        {
            foreach (var part in parts)
                text.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part},");
            text.Append('\n');
        }
    }

    /// <summary>All of it in one line.</summary>
    /// <param name="clients">How many clients are connected; null when that is known of no group.</param>
    /// <param name="isAll">False: of some groups it is not known.</param>
    public string Describe(long? clients, bool isAll)
    {
        var running = Running.Select(p => p.Name).Distinct(StringComparer.Ordinal).ToArray();
        var parts = new List<string>
        {
            running.Length == 0 ? "no running program" : $"{Count(running.Length, "running program")} ({Some(running)})",
        };
        var vips = Groups.SelectMany(g => g.Vips).ToArray();
        if (vips.Length > 0)
            parts.Add($"{(vips.Length == 1 ? "VIP" : "VIPs")} {Some(vips)}");
        if (!AllHosts.IsEmpty)
            parts.Add($"{(AllHosts.Length == 1 ? "host" : "hosts")} {Some(AllHosts)}");
        if (!Groups.IsEmpty)
        {
            parts.Add(clients is not { } known ? "clients unknown"
                : $"{Count(known, "client")} connected{(isAll ? "" : ", of some groups unknown")}");
        }
        return string.Join("; ", parts.Concat(Notes));
    }

    private static string Count(long count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Some(IReadOnlyCollection<string> names)
    {
        var text = string.Join(", ", names.Take(MostNamed));
        return names.Count <= MostNamed ? text : string.Create(CultureInfo.InvariantCulture, $"{text} and {names.Count - MostNamed} more");
    }
}
