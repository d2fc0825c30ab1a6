using System.Collections.Immutable;

namespace HaGrpc.Core.Identity;

/// <summary>Of what kind somebody is whom a certificate names.</summary>
public enum ClaimKind
{
    /// <summary>It says neither: certificates that others made name an operator by the common name, and a host by that or a DNS name.</summary>
    Unmarked,

    /// <summary>A host's agent, by the URI <c>hagrpc://host/NAME</c>.</summary>
    Host,

    /// <summary>An operator, by the URI <c>hagrpc://operator/NAME</c>.</summary>
    Operator,

    /// <summary>It says several things at once: it speaks for nobody.</summary>
    Contradictory,
}

/// <summary>Whom a certificate names: the one place that says for whom it may speak.</summary>
/// <param name="Kind">Of what kind they are.</param>
/// <param name="Marked">The name in the URI; empty when there is none.</param>
/// <param name="CommonName">The first common name; null for none.</param>
/// <param name="Names">All common names and DNS names, each once.</param>
public sealed record CertificateClaim(ClaimKind Kind, string Marked, string? CommonName, ImmutableArray<string> Names)
{
    private const string OperatorPrefix = "hagrpc://operator/", HostPrefix = "hagrpc://host/";

    /// <summary>No certificate.</summary>
    public static CertificateClaim None { get; } = new(ClaimKind.Unmarked, "", null, []);

    /// <summary>Judges the names in a certificate.</summary>
    /// <param name="commonNames">In their order.</param>
    /// <param name="dnsNames">Of the alternative names.</param>
    /// <param name="uris">Of the alternative names.</param>
    public static CertificateClaim Of(IEnumerable<string> commonNames, IEnumerable<string> dnsNames, IEnumerable<string> uris)
    {
        ImmutableArray<string> common = [.. commonNames];
        var marks = uris.Select(MarkOf).OfType<(ClaimKind Kind, string Name)>().Distinct().ToArray();
        var (kind, name) = marks.Length switch
        {
            0 => (ClaimKind.Unmarked, ""),
            1 => marks[0],
            _ => (ClaimKind.Contradictory, ""),
        };
        return new(kind, name, common.IsEmpty ? null : common[0], [.. common.Concat(dnsNames).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>The URI that marks a host's certificate.</summary>
    public static Uri HostUri(string host) => new(HostPrefix + Uri.EscapeDataString(host));

    /// <summary>The URI that marks an operator's certificate.</summary>
    public static Uri OperatorUri(string name) => new(OperatorPrefix + Uri.EscapeDataString(name));

    /// <summary>The operator that it names; null for none: an agent is no operator.</summary>
    public string? Operator => Kind switch
    {
        ClaimKind.Operator => Marked,
        ClaimKind.Unmarked => CommonName,
        _ => null,
    };

    /// <summary>The host whose agent it is by its mark; null when it is marked as no agent's.</summary>
    public string? Host => Kind == ClaimKind.Host ? Marked : null;

    /// <summary>Whether it may speak for a host. DNS names know no case, names of hosts do.</summary>
    public bool SpeaksFor(string host) => Kind switch
    {
        ClaimKind.Host => Marked == host,
        ClaimKind.Unmarked => Names.Contains(host, StringComparer.OrdinalIgnoreCase),
        _ => false,
    };

    /// <summary>For whom it is, for people: <c>host 'a'</c>, <c>the operator eve</c>, <c>a, a.example.org</c> or <c>no name at all</c>.</summary>
    public override string ToString() => Kind switch
    {
        ClaimKind.Host => $"host '{Marked}'",
        ClaimKind.Operator => $"the operator {Marked}",
        ClaimKind.Contradictory => "several hosts or operators at once",
        _ => Names.IsEmpty ? "no name at all" : string.Join(", ", Names),
    };

    private static (ClaimKind Kind, string Name)? MarkOf(string uri) =>
        After(uri, HostPrefix) is { } host ? (ClaimKind.Host, host)
        : After(uri, OperatorPrefix) is { } name ? (ClaimKind.Operator, name)
        : null;

    private static string? After(string uri, string prefix) =>
        uri.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && uri.Length > prefix.Length ? Uri.UnescapeDataString(uri[prefix.Length..]) : null;
}
