using System.Text.Json;
using HaGrpc.Core.Audit;

namespace HaGrpc.Ctl.Output;

/// <summary>An entry of the audit. The texts are as they were hashed, so that a line is enough to compute its hash again.</summary>
internal sealed record AuditEntryJson(
    long Id,
    string At,
    string Kind,
    long CallId,
    long Term,
    string Actor,
    string ActorKind,
    string Address,
    string Call,
    IReadOnlyList<string> Objects,
    string Request,
    string Changes,
    string Answer,
    string Result,
    string Detail,
    string Reason,
    string PreviousHash,
    string Hash)
{
    internal static AuditEntryJson Of(AuditEntry entry) => new(
        entry.Id,
        entry.At,
        entry.Kind,
        entry.CallId,
        entry.Term,
        entry.Actor,
        entry.ActorKind,
        entry.Address,
        entry.Call,
        [.. entry.Objects],
        entry.Request,
        entry.Changes,
        entry.Answer,
        entry.Result,
        entry.Detail,
        entry.Reason,
        entry.PreviousHash,
        entry.Hash);

    /// <summary>The entry of a line of an export.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    internal static AuditEntry Read(string line) => JsonSerializer.Deserialize(line, JsonShapes.Lines.AuditEntryJson) is { Objects: not null } json
        ? new()
        {
            Id = json.Id,
            At = json.At,
            Kind = json.Kind,
            CallId = json.CallId,
            Term = json.Term,
            Actor = json.Actor,
            ActorKind = json.ActorKind,
            Address = json.Address,
            Call = json.Call,
            Objects = [.. json.Objects],
            Request = json.Request,
            Changes = json.Changes,
            Answer = json.Answer,
            Result = json.Result,
            Detail = json.Detail,
            Reason = json.Reason,
            PreviousHash = json.PreviousHash,
            Hash = json.Hash,
        }
        : throw new JsonException("fields are missing");
}

internal sealed record AuditJson(IReadOnlyList<AuditEntryJson> Entries);

internal sealed record AuditHeadJson(long Id, string Hash);

internal sealed record AuditVerifiedJson(bool Unbroken, string? Problem, AuditHeadJson Head);
