using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Core.Identity;

namespace HaGrpc.Core.Ownership;

/// <summary>An agent that says hello.</summary>
/// <param name="Host">The host that it says it is.</param>
/// <param name="Instance">Random, new with every start of the agent.</param>
/// <param name="BootId">Of its kernel.</param>
/// <param name="Address">Where it connects from.</param>
/// <param name="WallClock">Its wall clock.</param>
/// <param name="Certificate">Whom its client certificate names; null without mutual TLS.</param>
public sealed record Applicant(
    string Host,
    Guid Instance,
    Guid BootId,
    string Address,
    DateTimeOffset WallClock,
    CertificateClaim? Certificate);

/// <summary>The agent whose stream is attached under the applicant's name now.</summary>
/// <param name="Instance">Its instance.</param>
/// <param name="BootId">Of its kernel.</param>
/// <param name="Address">Where it is connected from.</param>
/// <param name="Silence">For how long it has not been heard.</param>
/// <param name="Lease">How long a lease of its groups lasts: within it, it may still act.</param>
public sealed record Incumbent(Guid Instance, Guid BootId, string Address, TimeSpan Silence, TimeSpan Lease);

/// <summary>What the control plane knows when an agent says hello.</summary>
/// <param name="Hosts">Names of all registered hosts.</param>
/// <param name="Incumbent">Who is attached under the applicant's name; null for nobody.</param>
/// <param name="OwnsGroups">True when the host is the recorded owner of a group.</param>
/// <param name="WallClock">The control plane's wall clock.</param>
/// <param name="ClockTolerance">How far two wall clocks may be apart.</param>
public sealed record AdmissionFacts(
    ImmutableArray<string> Hosts,
    Incumbent? Incumbent,
    bool OwnsGroups,
    DateTimeOffset WallClock,
    TimeSpan ClockTolerance)
{
    /// <summary>Who has deleted the host and when, for people; null when it was not deleted.</summary>
    public string? Deletion { get; init; }

    /// <summary>True when this agent of a deleted host has said that it has ended everything.</summary>
    public bool IsDismissed { get; init; }

    /// <summary>Why nobody may come with its certificate or for its host any more; null when that is not so.</summary>
    public string? Revocation { get; init; }
}

/// <summary>What speaks against an agent.</summary>
public enum AdmissionObjection
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Nobody has registered a host of that name.</summary>
    UnknownHost,

    /// <summary>Its certificate is for other names.</summary>
    CertificateClash,

    /// <summary>The host was deleted. Its agent is admitted once, to be told to end what it runs.</summary>
    DeletedHost,

    /// <summary>An operator has revoked its certificate or host.</summary>
    Revoked,

    /// <summary>Another live machine uses the name.</summary>
    NameClash,

    /// <summary>Its wall clock is off.</summary>
    ClockClash,
}

/// <summary>Whether an agent may attach.</summary>
/// <param name="Admitted">True: yes, replacing an older stream of the same agent.</param>
/// <param name="Objection">What speaks against it; a clock that is off is only a warning for an owner.</param>
/// <param name="Message">For the operator, on both sides; empty without an objection.</param>
public sealed record AdmissionVerdict(bool Admitted, AdmissionObjection Objection, string Message)
{
    /// <summary>Come in.</summary>
    public static AdmissionVerdict Welcome { get; } = new(true, AdmissionObjection.None, "");
}

/// <summary>Decides which agents may attach: each name belongs to one machine at a time.</summary>
public static class Admission
{
    /// <summary>Judges an agent that says hello.</summary>
    /// <param name="applicant">The agent.</param>
    /// <param name="facts">What the control plane knows.</param>
    public static AdmissionVerdict Judge(Applicant applicant, AdmissionFacts facts)
    {
        ArgumentNullException.ThrowIfNull(applicant);
        ArgumentNullException.ThrowIfNull(facts);
        var isKnown = facts.Hosts.Contains(applicant.Host, StringComparer.Ordinal);
        if (!isKnown && facts.Deletion is null)
            return Refuse(AdmissionObjection.UnknownHost, Unknown(applicant.Host, facts.Hosts));
        if (!isKnown && facts.IsDismissed)
            return Refuse(AdmissionObjection.DeletedHost, Deleted(applicant.Host, facts.Deletion!));
        if (applicant.Certificate is { } certificate && !certificate.SpeaksFor(applicant.Host))
            return Refuse(AdmissionObjection.CertificateClash, OtherNames(applicant.Host, certificate));
        if (facts.Revocation is { } revocation)
            return Refuse(AdmissionObjection.Revoked, revocation);
        if (facts.Incumbent is { } incumbent && IsAnotherMachine(applicant, incumbent) && incumbent.Silence <= incumbent.Lease)
            return Refuse(AdmissionObjection.NameClash, Taken(applicant, incumbent));
        // What it runs belongs to nobody any more, and only it can end that.
        if (!isKnown)
            return new(true, AdmissionObjection.DeletedHost, Deleted(applicant.Host, facts.Deletion!));
        var off = applicant.WallClock - facts.WallClock;
        if (off.Duration() <= facts.ClockTolerance)
            return AdmissionVerdict.Welcome;
        // Wall clocks never stop a service: an owner that is refused would lose its leases.
        return new(facts.OwnsGroups, AdmissionObjection.ClockClash, ClockOff(applicant, facts, off));
    }

    /// <summary>What the agent of a deleted host is told.</summary>
    /// <param name="host">The host.</param>
    /// <param name="deletion">Who has deleted it and when.</param>
    public static string Deleted(string host, string deletion) =>
        $"host '{host}' was {deletion}: it ends what it runs; stop and remove its agent, or register the host again";

    // A restarted agent keeps the boot id; an agent that dials again keeps both.
    private static bool IsAnotherMachine(Applicant applicant, Incumbent incumbent) =>
        applicant.Instance != incumbent.Instance && applicant.BootId != incumbent.BootId;

    private static AdmissionVerdict Refuse(AdmissionObjection objection, string message) => new(false, objection, message);

    private static string Unknown(string host, ImmutableArray<string> hosts)
    {
        var near = Model.NearestName.Of(host, hosts) is { } name ? $"; did you mean '{name}'?" : "";
        return $"host '{host}' is not registered: hactl apply a manifest that names it{near}";
    }

    private static string OtherNames(string host, CertificateClaim certificate) =>
        $"the client certificate is for {certificate}, not for host "
            + $"'{host}': give this host a certificate whose common name or DNS name is '{host}'";

    private static string Taken(Applicant applicant, Incumbent incumbent) => string.Create(
        CultureInfo.InvariantCulture,
        $"host name '{applicant.Host}' is in use by another machine: {incumbent.Address} (boot id {incumbent.BootId}), heard {incumbent.Silence.TotalSeconds:0.0} s ago; this one is {applicant.Address} (boot id {applicant.BootId}). Give one of them another name");

    private static string ClockOff(Applicant applicant, AdmissionFacts facts, TimeSpan off) => string.Create(
        CultureInfo.InvariantCulture,
        $"the clock of host '{applicant.Host}' is {off.Duration().TotalSeconds:0} s {(off > TimeSpan.Zero ? "ahead" : "behind")}: it says {applicant.WallClock:yyyy-MM-dd HH:mm:ss}Z, the control plane says {facts.WallClock:yyyy-MM-dd HH:mm:ss}Z; at most {facts.ClockTolerance.TotalSeconds:0} s are allowed. Set the clock (NTP)");
}
