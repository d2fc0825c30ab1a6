using Model = HaGrpc.Core.Audit;

namespace HaGrpc.Contracts;

/// <summary>Entries of the audit on the wire and in the model: texts go over as they are.</summary>
public static class AuditMapping
{
    /// <summary>The message of an entry.</summary>
    public static V1.AuditEntry ToProto(this Model.AuditEntry entry)
    {
        var proto = new V1.AuditEntry
        {
            Id = entry.Id,
            At = entry.At,
            Kind = entry.Kind,
            CallId = entry.CallId,
            Term = entry.Term,
            Actor = entry.Actor,
            ActorKind = entry.ActorKind,
            Address = entry.Address,
            Call = entry.Call,
            Request = entry.Request,
            Changes = entry.Changes,
            Answer = entry.Answer,
            Result = entry.Result,
            Detail = entry.Detail,
            Reason = entry.Reason,
            PreviousHash = entry.PreviousHash,
            Hash = entry.Hash,
        };
        proto.Objects.AddRange(entry.Objects);
        return proto;
    }

    /// <summary>The entry of a message.</summary>
    public static Model.AuditEntry ToModel(this V1.AuditEntry entry) => new()
    {
        Id = entry.Id,
        At = entry.At,
        Kind = entry.Kind,
        CallId = entry.CallId,
        Term = entry.Term,
        Actor = entry.Actor,
        ActorKind = entry.ActorKind,
        Address = entry.Address,
        Call = entry.Call,
        Objects = [.. entry.Objects],
        Request = entry.Request,
        Changes = entry.Changes,
        Answer = entry.Answer,
        Result = entry.Result,
        Detail = entry.Detail,
        Reason = entry.Reason,
        PreviousHash = entry.PreviousHash,
        Hash = entry.Hash,
    };
}
