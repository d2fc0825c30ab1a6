using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using HaGrpc.ControlPlane.Configuration;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;
using Microsoft.Extensions.Options;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Brings the facts together for <see cref="Admission"/>, and tells the operator of every objection.</summary>
internal sealed partial class AdmissionDesk(
    IOptions<ControlPlaneOptions> options, EventWriter history, TimeProvider time, ILogger<AdmissionDesk> log)
{
    private const int RememberedNames = 1000;
    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LeaseOfNoGroup = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Host, AdmissionObjection Objection), BootInstant> _told = new();
    private readonly ConcurrentDictionary<string, AgentRefusal> _refused = new(StringComparer.Ordinal);

    /// <summary>Why an agent of that name was refused last, and none admitted since; null for none.</summary>
    public AgentRefusal? LastRefusal(string host) => _refused.GetValueOrDefault(host);

    /// <summary>An agent came with a certificate that is void, and was refused before it could say hello.</summary>
    /// <param name="host">The host that the certificate names.</param>
    /// <param name="address">Where the agent connects from.</param>
    /// <param name="objection">Why it may not come, and what to do about it.</param>
    public void NoteRevoked(string host, string address, string objection) => Tell(host, address, new(false, AdmissionObjection.Revoked, objection));

    /// <summary>On the loop's thread: judges, and attaches who may come in.</summary>
    /// <param name="applicant">The agent.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="tenure">The leadership in force.</param>
    public AdmissionVerdict Admit(Applicant applicant, AgentStream stream, Tenure tenure)
    {
        var (revoked, fingerprint) = (tenure.Registry.Current.Revocations, stream.Certificate?.Fingerprint);
        var deletion = tenure.Registry.Current.DeletedHosts.GetValueOrDefault(applicant.Host)?.ToString();
        var verdict = Admission.Judge(applicant, new(
            [.. tenure.Registry.Current.Hosts.Select(h => h.Spec.Name)],
            IncumbentOf(applicant.Host, tenure),
            tenure.Notes.OwnsAny(applicant.Host),
            time.GetUtcNow(),
            options.Value.Agents.ClockTolerance)
        {
            Deletion = deletion,
            IsDismissed = tenure.Agents.IsDismissed(applicant.Host, applicant.Instance),
            Revocation = revoked.MayTakeLeave(fingerprint, applicant.Host) ? null : revoked.Objection(fingerprint, applicant.Host),
        });
        if (verdict.Objection != AdmissionObjection.None)
            Tell(applicant.Host, applicant.Address, verdict);
        if (!verdict.Admitted)
            return verdict;
        _refused.TryRemove(applicant.Host, out _);
        if (verdict.Objection == AdmissionObjection.DeletedHost)
            stream.Dismissal = verdict.Message;
        tenure.Agents.Attach(stream);
        tenure.Loop.Handle(new StreamAttached(stream.Host, stream.Id, stream.Instance) { BootId = stream.BootId });
        return verdict;
    }

    /// <summary>The status that a refused agent sees.</summary>
    public static StatusCode StatusOf(AdmissionObjection objection) => objection switch
    {
        AdmissionObjection.UnknownHost or AdmissionObjection.DeletedHost => StatusCode.NotFound,
        AdmissionObjection.CertificateClash or AdmissionObjection.Revoked => StatusCode.PermissionDenied,
        AdmissionObjection.NameClash => StatusCode.AlreadyExists,
        _ => StatusCode.FailedPrecondition,
    };

    private static Incumbent? IncumbentOf(string host, Tenure tenure)
    {
        if (tenure.Agents.Of(host) is not { } attached)
            return null;
        var sinceAttached = new BootInstant(BootClock.Nanoseconds) - attached.AttachedAt;
        var silence = tenure.Loop.ReportHost(host).Silence is { } heard && heard < sinceAttached ? heard : sinceAttached;
        var lease = tenure.Registry.Current.Groups
            .Where(g => g.Spec.Members.Any(m => m.Host == host))
            .Select(g => g.Spec.Timing.Ttl + g.Spec.Timing.TakeoverMargin)
            .DefaultIfEmpty(LeaseOfNoGroup)
            .Max();
        return new(attached.Instance, attached.BootId, attached.Address, silence, lease);
    }

    // An agent that is refused dials again and again: once a minute is enough for the history.
    private void Tell(string host, string address, AdmissionVerdict verdict)
    {
        if (_told.Count > RememberedNames || _refused.Count > RememberedNames)
        {
            _told.Clear();
            _refused.Clear();
        }
        if (!verdict.Admitted)
            _refused[host] = new(time.GetUtcNow(), address, verdict.Message);
        var now = new BootInstant(BootClock.Nanoseconds);
        var key = (host, verdict.Objection);
        if (_told.TryGetValue(key, out var told) && now - told < TellAgainAfter)
            return;
        _told[key] = now;
        if (verdict.Admitted && verdict.Objection == AdmissionObjection.DeletedHost)
            LogDismissed(log, address, verdict.Message);
        else if (verdict.Admitted)
            LogWarned(log, address, verdict.Message);
        else
            LogRefused(log, address, verdict.Message);
        history.Write(new EventRecord
        {
            Kind = verdict switch
            {
                { Admitted: false } => "AgentRefused",
                { Objection: AdmissionObjection.DeletedHost } => "AgentDismissed",
                _ => "ClockOff",
            },
            Host = host,
            Message = $"{address}: {verdict.Message}",
        });
    }

    [LoggerMessage(1301, LogLevel.Warning, "refused an agent from {Address}: {Reason}")]
    private static partial void LogRefused(ILogger log, string address, string reason);

    [LoggerMessage(1302, LogLevel.Warning, "admitted the agent from {Address}, it owns groups, but: {Reason}")]
    private static partial void LogWarned(ILogger log, string address, string reason);

    [LoggerMessage(1312, LogLevel.Warning, "the agent from {Address} is told to end what it runs: {Reason}")]
    private static partial void LogDismissed(ILogger log, string address, string reason);
}

/// <summary>An agent that was refused.</summary>
/// <param name="At">When it tried last.</param>
/// <param name="Address">Where it connected from.</param>
/// <param name="Why">Why it may not come, and what to do about it.</param>
internal sealed record AgentRefusal(DateTimeOffset At, string Address, string Why)
{
    /// <summary>In one line, for operators.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"an agent at {Address} was refused at {At:yyyy-MM-dd HH:mm:ss}Z: {Why}");
}
