using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>A line of the history.</summary>
internal sealed record EventRecord
{
    /// <summary>Number, rising with time, visible in its order; 0 until stored.</summary>
    public long Id { get; init; }

    /// <summary>When it happened; the default stands for the store's clock. Kept to the microsecond.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>What happened, past tense, for example <c>OwnershipTaken</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The group concerned; else empty.</summary>
    public string Group { get; init; } = "";

    /// <summary>The host concerned; else empty.</summary>
    public string Host { get; init; } = "";

    /// <summary>The program's name inside the group; else empty.</summary>
    public string Program { get; init; } = "";

    /// <summary>The epoch concerned; 0 for none.</summary>
    public long Epoch { get; init; }

    /// <summary>One line for the operator.</summary>
    public string Message { get; init; } = "";

    /// <summary>Who asked; empty for the system itself.</summary>
    public string Actor { get; init; } = "";

    /// <summary>What was done, with what it took.</summary>
    public ImmutableArray<Step> Steps { get; init; } = [];

    /// <summary>The reporter's own id of it: an event with a known one is not stored again. Null for our own events.</summary>
    public string? SourceId { get; init; }
}

/// <summary>Which events to read; what is null or 0 does not restrict.</summary>
internal sealed record EventFilter
{
    /// <summary>Of this group.</summary>
    public string? Group { get; init; }

    /// <summary>Of this host.</summary>
    public string? Host { get; init; }

    /// <summary>Of the program of this name, in whichever group.</summary>
    public string? Program { get; init; }

    /// <summary>With a higher number than this.</summary>
    public long AfterId { get; init; }

    /// <summary>Not earlier than this.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Of these kinds; empty for all.</summary>
    public ImmutableArray<string> Kinds { get; init; } = [];
}
