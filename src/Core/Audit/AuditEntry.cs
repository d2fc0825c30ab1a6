using System.Collections.Immutable;

namespace HaGrpc.Core.Audit;

/// <summary>
/// An entry of the audit: somebody has asked for something (<see cref="Asked"/>, stored before it is done), it has ended
/// (<see cref="Ended"/>), or it was not allowed (<see cref="Refused"/>). Texts stand here as they are hashed, so that no
/// format of a database or of the wire comes in between.
/// </summary>
public sealed record AuditEntry
{
    /// <summary>The <see cref="Kind"/> of a call that is about to be carried out.</summary>
    public const string Asked = "asked";

    /// <summary>The <see cref="Kind"/> of a call's end.</summary>
    public const string Ended = "ended";

    /// <summary>The <see cref="Kind"/> of a call that was not begun, because its caller may not make it.</summary>
    public const string Refused = "refused";

    /// <summary>The <see cref="Result"/> of a call that has succeeded.</summary>
    public const string Ok = "OK";

    /// <summary>Counts from 1, without a gap.</summary>
    public long Id { get; init; }

    /// <summary>When, by the control plane's wall clock: RFC 3339 in UTC with six digits of a second.</summary>
    public string At { get; init; } = "";

    /// <summary><see cref="Asked"/>, <see cref="Ended"/> or <see cref="Refused"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Of an end: the number of the entry with which the call was asked for; else 0.</summary>
    public long CallId { get; init; }

    /// <summary>The leadership under which it was asked for; 0 when none was needed.</summary>
    public long Term { get; init; }

    /// <summary>Who, as the history names them.</summary>
    public string Actor { get; init; } = "";

    /// <summary>By what the actor is known: <c>certificate</c>, <c>token</c> or <c>address</c>.</summary>
    public string ActorKind { get; init; } = "";

    /// <summary>Address and port that the call came from.</summary>
    public string Address { get; init; } = "";

    /// <summary>What was asked for, for example <c>AdminService/Apply</c>.</summary>
    public string Call { get; init; } = "";

    /// <summary>What it is about, for example <c>group/web</c>, <c>host/a</c>, <c>program/web:http</c>.</summary>
    public ImmutableArray<string> Objects { get; init; } = [];

    /// <summary>The request as JSON, secrets left out; empty in an end.</summary>
    public string Request { get; init; } = "";

    /// <summary>What was stored, as JSON: per object the fields with what they were and are; empty where nothing was.</summary>
    public string Changes { get; init; } = "";

    /// <summary>What was answered, as JSON, secrets left out; empty where nothing was.</summary>
    public string Answer { get; init; } = "";

    /// <summary><see cref="Ok"/> or the name of a gRPC status; empty while it is only asked for.</summary>
    public string Result { get; init; } = "";

    /// <summary>Why it failed or was refused.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Why it was asked for, in the operator's words.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The hash of the entry before; <see cref="AuditHash.Origin"/> in the first.</summary>
    public string PreviousHash { get; init; } = "";

    /// <summary>The hash of everything above (<see cref="AuditHash.Of"/>).</summary>
    public string Hash { get; init; } = "";
}
