using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HaGrpc.Core.Access;
using HaGrpc.Core.Language;

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
    GuardedAct Act, string Name, ImmutableArray<GroupHit> Groups, TouchedGroups Touched, ImmutableArray<string> Hosts, ImmutableArray<SaidText> Notes)
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
    public string Describe(long? clients, bool isAll) => string.Join("; ", Parts(clients, isAll).Concat(Notes));

    /// <summary>What that line consists of, but for the notes.</summary>
    /// <inheritdoc cref="Describe"/>
    public IEnumerable<SaidText> Parts(long? clients, bool isAll)
    {
        var running = Running.Select(p => p.Name).Distinct(StringComparer.Ordinal).ToArray();
        yield return running.Length switch
        {
            0 => SaidText.Of("no running program"),
            1 => SaidText.Of($"1 running program ({running[0]})"),
            > MostNamed => SaidText.Of($"{running.Length} running programs ({First(running)} and {running.Length - MostNamed} more)"),
            _ => SaidText.Of($"{running.Length} running programs ({First(running)})"),
        };
        var vips = Groups.SelectMany(g => g.Vips).ToArray();
        if (vips.Length > 0)
        {
            yield return vips.Length switch
            {
                1 => SaidText.Of($"VIP {vips[0]}"),
                > MostNamed => SaidText.Of($"VIPs {First(vips)} and {vips.Length - MostNamed} more"),
                _ => SaidText.Of($"VIPs {First(vips)}"),
            };
        }
        var hosts = AllHosts;
        if (!hosts.IsEmpty)
        {
            yield return hosts.Length switch
            {
                1 => SaidText.Of($"host {hosts[0]}"),
                > MostNamed => SaidText.Of($"hosts {First(hosts)} and {hosts.Length - MostNamed} more"),
                _ => SaidText.Of($"hosts {First(hosts)}"),
            };
        }
        if (!Groups.IsEmpty)
        {
            yield return (clients, isAll) switch
            {
                (null, _) => SaidText.Of("clients unknown"),
                (1, true) => SaidText.Of("1 client connected"),
                (1, false) => SaidText.Of("1 client connected, of some groups unknown"),
                (_, true) => SaidText.Of($"{clients} clients connected"),
                _ => SaidText.Of($"{clients} clients connected, of some groups unknown"),
            };
        }
    }

    private static string First(IEnumerable<string> names) => string.Join(", ", names.Take(MostNamed));
}
