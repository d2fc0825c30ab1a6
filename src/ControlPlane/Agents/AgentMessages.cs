using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Ownership;
using HaGrpc.V1;
using Model = HaGrpc.Core.Ownership;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>What agents and the control plane say to each other, on the wire and in the core: the one place for both.</summary>
internal static class AgentMessages
{
    // For one line in a table and in the history; what a program says of itself may come in it.
    private const int MaxReason = 500;

    /// <summary>A heartbeat; null when an id in it is malformed.</summary>
    public static Model.Heartbeat? ToCore(V1.Heartbeat heartbeat) => !Guid.TryParse(heartbeat.InstanceId, out var instance)
        ? null
        : new(
            instance,
            heartbeat.Seq,
            heartbeat.AnswerSeq,
            [.. heartbeat.Holdings.Select(h => new Model.Holding(
                h.Group, h.Epoch, h.ViewVersion, h.LeaseLeft.ToModel(TimeSpan.MaxValue)))],
            [.. heartbeat.Accepted.Select(a => new EpochOf(a.Group, a.Epoch))],
            [.. heartbeat.Ended.Select(e => new EpochOf(e.Group, e.Epoch))],
            heartbeat.PromotionGraceLeft.ToModel(TimeSpan.Zero))
        {
            // A host that names a group twice is believed the last time.
            Unfit =
            [
                .. heartbeat.Unfit.GroupBy(u => u.Group, StringComparer.Ordinal)
                    .Select(g => new Model.UnfitGroup(g.Key, ForeignText.Visible(g.Last().Reason, MaxReason))),
            ],
            Weights =
            [
                .. heartbeat.Weights.GroupBy(w => w.Group, StringComparer.Ordinal)
                    .Select(g => new Model.GroupWeight(g.Key, Model.GroupWeight.Bounded(g.Last().Weight)))
                    .Where(w => w.Weight != 0),
            ],
            Promises = [.. heartbeat.Promises.Select(p => new Model.GivenPromise(p.Group, p.Epoch, p.Left.ToModel(TimeSpan.Zero)))],
            // A seal that does not say what was promised before is as good as none.
            Seals = [.. heartbeat.Seals.Where(s => s.PromiseLeft is not null)
                .Select(s => new Model.Seal(s.Group, s.UpToEpoch, s.PromiseLeft.ToModel(TimeSpan.Zero)))],
            Untold = [.. heartbeat.Untold],
            Ending = [.. heartbeat.Ending.Select(e => new EpochOf(e.Group, e.Epoch))],
            DatabaseCounter = heartbeat.DatabaseCounter,
        };

    /// <summary>An answer.</summary>
    public static AttachResponse ToProto(Model.HeartbeatAnswer answer)
    {
        var proto = new V1.HeartbeatAnswer
        {
            InstanceId = answer.Instance.ToString(),
            Seq = answer.Seq,
            DatabaseCounter = answer.DatabaseCounter,
        };
        proto.Renewals.AddRange(answer.Renewals.Select(r => new V1.Renewal
        {
            Group = r.Group,
            Epoch = r.Epoch,
            View = ToProto(r.View),
        }));
        proto.Revocations.AddRange(answer.Revocations.Select(r => new V1.Revocation
        {
            Group = r.Group,
            Epoch = r.Epoch,
            Reason = r.Reason,
        }));
        proto.ReleaseRequests.AddRange(answer.ReleaseRequests.Select(r => new V1.ReleaseRequest
        {
            Group = r.Group,
            Epoch = r.Epoch,
            Reason = r.Reason,
        }));
        proto.Told.AddRange(answer.Told.Select(t => new V1.EpochTold
        {
            Group = t.Group,
            Ended = t.Ended,
            Sealed = t.Sealed,
            Promised = t.Promised.ToProto(),
        }));
        return new() { HeartbeatAnswer = proto };
    }

    /// <summary>A promotion.</summary>
    public static AttachResponse ToProto(SendPromote promote) => new()
    {
        Promote = new() { Group = promote.Group, Epoch = promote.Epoch, Reason = promote.Reason, FormerIsOver = promote.FormerIsOver },
    };

    /// <summary>C4.</summary>
    public static AttachResponse ToProto(SendSealAsked send) => new() { SealAsked = new() { Group = send.Group, Epoch = send.Epoch } };

    /// <summary>An agent's event as a line of history, stored once however often it is told.</summary>
    public static EventRecord ToRecord(AgentEvent e, string host, Guid instance) => new()
    {
        At = e.At?.ToDateTimeOffset() ?? default,
        Kind = e.Kind,
        Group = e.Group,
        Host = host,
        Program = e.Program,
        Epoch = e.Epoch,
        Message = e.Message,
        Steps = ToRecord(e.Steps),
        SourceId = string.Create(CultureInfo.InvariantCulture, $"{host}/{instance}/{e.Id}"),
    };

    /// <summary>Steps as they are stored.</summary>
    public static ImmutableArray<Core.Model.Step> ToRecord(IEnumerable<Step> steps) =>
        [.. steps.Select(s => new Core.Model.Step(
            s.Name, s.Offset.ToModel(TimeSpan.Zero), s.Duration.ToModel(TimeSpan.Zero), s.Error))];

    private static V1.View ToProto(Model.View view)
    {
        var proto = new V1.View { Version = view.Version, Length = view.Length?.ToProto() };
        proto.Members.AddRange(view.Members);
        return proto;
    }
}
