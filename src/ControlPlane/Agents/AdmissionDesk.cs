using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<string, string> _refused = new(StringComparer.Ordinal);

    /// <summary>Why an agent of that name was refused last, and none admitted since; null for none.</summary>
    public string? LastRefusal(string host) => _refused.GetValueOrDefault(host);

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
            Tell(applicant, verdict);
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
    private void Tell(Applicant applicant, AdmissionVerdict verdict)
    {
        if (_told.Count > RememberedNames || _refused.Count > RememberedNames)
        {
            _told.Clear();
            _refused.Clear();
        }
        if (!verdict.Admitted)
            _refused[applicant.Host] = verdict.Message;
        var now = new BootInstant(BootClock.Nanoseconds);
        var key = (applicant.Host, verdict.Objection);
        if (_told.TryGetValue(key, out var told) && now - told < TellAgainAfter)
            return;
        _told[key] = now;
        if (verdict.Admitted && verdict.Objection == AdmissionObjection.DeletedHost)
            LogDismissed(log, applicant.Address, verdict.Message);
        else if (verdict.Admitted)
            LogWarned(log, applicant.Address, verdict.Message);
        else
            LogRefused(log, applicant.Address, verdict.Message);
        history.Write(new EventRecord
        {
            Kind = verdict switch
            {
                { Admitted: false } => "AgentRefused",
                { Objection: AdmissionObjection.DeletedHost } => "AgentDismissed",
                _ => "ClockOff",
            },
            Host = applicant.Host,
            Message = $"{applicant.Address}: {verdict.Message}",
        });
    }

    [LoggerMessage(1301, LogLevel.Warning, "refused an agent from {Address}: {Reason}")]
    private static partial void LogRefused(ILogger log, string address, string reason);

    [LoggerMessage(1302, LogLevel.Warning, "admitted the agent from {Address}, it owns groups, but: {Reason}")]
    private static partial void LogWarned(ILogger log, string address, string reason);

    [LoggerMessage(1312, LogLevel.Warning, "the agent from {Address} is told to end what it runs: {Reason}")]
    private static partial void LogDismissed(ILogger log, string address, string reason);
}
