using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HostSpec = HaGrpc.Core.Model.Host;
using ProgramSpec = HaGrpc.Core.Model.Program;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>Objects to register or change; validated before. An object equal to the stored one changes nothing.</summary>
internal sealed record RegistryChanges
{
    /// <summary>Hosts.</summary>
    public ImmutableArray<HostSpec> Hosts { get; init; } = [];

    /// <summary>Groups. A new one gets an ownership row (epoch 0, no owner) and a first view.</summary>
    public ImmutableArray<Group> Groups { get; init; } = [];

    /// <summary>Programs. The desired state counts for new ones, and for those in <see cref="DesiredStates"/>: else one that
    /// an operator stopped stays stopped. The restart generation is ignored.</summary>
    public ImmutableArray<ProgramSpec> Programs { get; init; } = [];

    /// <summary>Programs that go, because what they were made of makes fewer now; hosts stop and forget them.</summary>
    public ImmutableArray<ProgramName> Surplus { get; init; } = [];

    /// <summary>Programs that an operator wants gone; hosts stop and forget them.</summary>
    public ImmutableArray<ProgramName> DeletedPrograms { get; init; } = [];

    /// <summary>Groups that an operator wants gone, with their programs: they end first (rule C11).</summary>
    public ImmutableArray<string> RetiredGroups { get; init; } = [];

    /// <summary>Hosts that an operator wants gone; named by no group but by such that are retired as well.</summary>
    public ImmutableArray<string> DeletedHosts { get; init; } = [];

    /// <summary>Why something goes or is handed over, in the operator's words; may be empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What was asked for, for those who read the revisions.</summary>
    public string Cause { get; init; } = "apply";

    /// <summary>Programs whose desired state the operator named.</summary>
    public ImmutableHashSet<ProgramName> DesiredStates { get; init; } = [];
}

/// <summary>What an operator wants of one program.</summary>
/// <param name="Program">Which.</param>
/// <param name="ExpectedRevision">The revision that the operator's decision is based on.</param>
/// <param name="Action">What.</param>
internal sealed record DesiredChange(ProgramName Program, long ExpectedRevision, DesiredAction Action);

/// <summary>What an operator asks of a program.</summary>
internal enum DesiredAction
{
    /// <summary>Desired state running; nothing changes when it was.</summary>
    Start,

    /// <summary>Desired state stopped; nothing changes when it was.</summary>
    Stop,

    /// <summary>Desired state running and restart generation + 1: a running instance is replaced, one that has given up
    /// is tried again.</summary>
    Restart,
}

/// <summary>How a write to the registry ended.</summary>
/// <param name="Outcome">Applied, or why nothing was.</param>
/// <param name="ConfigurationRevision">The revision that stands now.</param>
/// <param name="Changes">What became of each object, in the order given; empty on a conflict.</param>
/// <param name="Conflicts">One line each for the operator; empty when applied.</param>
internal sealed record RegistryWrite(
    RegistryOutcome Outcome,
    long ConfigurationRevision,
    ImmutableArray<ObjectChange> Changes,
    ImmutableArray<string> Conflicts);

/// <summary>How a write to the registry ended.</summary>
internal enum RegistryOutcome
{
    /// <summary>Everything is stored (or was so already).</summary>
    Applied,

    /// <summary>Somebody else changed something in between: nothing was stored, read again and decide again.</summary>
    Conflict,
}

/// <summary>What became of one object.</summary>
/// <param name="Kind">Created, updated or unchanged.</param>
/// <param name="Object"><c>host/NAME</c>, <c>group/NAME</c> or <c>program/GROUP:NAME</c>.</param>
/// <param name="Revision">Its revision now.</param>
internal sealed record ObjectChange(ChangeKind Kind, string Object, long Revision);

/// <summary>What became of an object.</summary>
internal enum ChangeKind
{
    /// <summary>It is new.</summary>
    Created,

    /// <summary>It differs from before.</summary>
    Updated,

    /// <summary>It was so already.</summary>
    Unchanged,

    /// <summary>It is gone.</summary>
    Removed,
}
