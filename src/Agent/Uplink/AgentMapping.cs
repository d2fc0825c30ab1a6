using Google.Protobuf.WellKnownTypes;
using HaGrpc.Agent.Programs;
using HaGrpc.Contracts;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Agent.Uplink;

/// <summary>The agent's stream on the wire and in the core.</summary>
internal static class AgentMapping
{
    /// <summary>L1.</summary>
    public static V1.Heartbeat ToProto(this Heartbeat heartbeat)
    {
        var proto = new V1.Heartbeat
        {
            InstanceId = heartbeat.Instance.ToString(),
            Seq = heartbeat.Seq,
            AnswerSeq = heartbeat.AnswerSeq,
            PromotionGraceLeft = heartbeat.PromotionGraceLeft.ToProto(),
            DatabaseCounter = heartbeat.DatabaseCounter,
        };
        foreach (var held in heartbeat.Holdings)
        {
            proto.Holdings.Add(new V1.Holding
            {
                Group = held.Group,
                Epoch = held.Epoch,
                ViewVersion = held.ViewVersion,
                LeaseLeft = held.LeaseLeft.ToProtoOrNull(),
            });
        }
        foreach (var accepted in heartbeat.Accepted)
            proto.Accepted.Add(new V1.AcceptedEpoch { Group = accepted.Group, Epoch = accepted.Epoch });
        foreach (var ended in heartbeat.Ended)
            proto.Ended.Add(new V1.EndedEpoch { Group = ended.Group, Epoch = ended.Epoch });
        foreach (var unfit in heartbeat.Unfit)
            proto.Unfit.Add(new V1.UnfitGroup { Group = unfit.Group, Reason = unfit.Reason });
        foreach (var weight in heartbeat.Weights)
            proto.Weights.Add(new V1.GroupWeight { Group = weight.Group, Weight = weight.Weight });
        foreach (var promise in heartbeat.Promises)
            proto.Promises.Add(new V1.GivenPromise { Group = promise.Group, Epoch = promise.Epoch, Left = promise.Left.ToProto() });
        foreach (var seal in heartbeat.Seals)
            proto.Seals.Add(new V1.Seal { Group = seal.Group, UpToEpoch = seal.UpTo, PromiseLeft = seal.PromiseLeft.ToProto() });
        proto.Untold.Add(heartbeat.Untold);
        foreach (var ending in heartbeat.Ending)
            proto.Ending.Add(new V1.EndingEpoch { Group = ending.Group, Epoch = ending.Epoch });
        return proto;
    }

    /// <summary>L3.</summary>
    public static HeartbeatAnswer ToModel(this V1.HeartbeatAnswer answer) => new(
        Guid.TryParse(answer.InstanceId, out var instance) ? instance : Guid.Empty,
        answer.Seq,
        [.. answer.Renewals.Select(r => new Renewal(r.Group, r.Epoch, r.View.ToModel()))],
        [.. answer.Revocations.Select(r => new Revocation(r.Group, r.Epoch, r.Reason))],
        [.. answer.ReleaseRequests.Select(r => new ReleaseRequest(r.Group, r.Epoch, r.Reason))])
    {
        Told = [.. answer.Told.Select(t => new EpochTold(t.Group, t.Ended, t.Sealed, t.Promised.ToModel(TimeSpan.Zero)))],
        DatabaseCounter = answer.DatabaseCounter,
    };

    /// <summary>A step.</summary>
    public static V1.Step ToProto(Core.Model.Step step) => new()
    {
        Name = step.Name,
        Offset = step.Offset.ToProto(),
        Duration = step.Duration.ToProto(),
        Error = step.Error,
    };

    /// <summary>A program's state.</summary>
    public static V1.ProgramStatus ToProto(ObservedProgram program) => new()
    {
        Group = program.Name.Group,
        Name = program.Name.Name,
        State = program.IsObserved ? V1.ProgramState.Observed : program.State.ToProto(),
        Pid = program.Pid,
        // As Supervisor: of what was never started here there is nothing to date.
        Since = program is { State: Core.Supervision.ProgramState.Stopped, HasRun: false, IsObserved: false } ? null : program.Since.ToTimestamp(),
        ExitStatus = program.ExitStatus,
        Detail = program.Detail,
        RestartGeneration = program.RestartGeneration,
        NextTry = program.Past.NextTry?.ToTimestamp(),
        FailedStarts = program.Past.FailedStarts,
        Ends = { program.Past.Ends.Select(ToProto) },
    };

    private static V1.ProgramEnd ToProto(ProgramEnding ending) => new()
    {
        At = ending.At.ToTimestamp(),
        State = ending.State.ToProto(),
        ExitStatus = ending.ExitStatus,
        Detail = ending.Detail,
        Ran = ending.Ran?.ToProto(),
    };

    private static View ToModel(this V1.View view) =>
        new(view.Version, [.. view.Members], view.Length is null ? null : view.Length.ToModel(TimeSpan.Zero));
}
