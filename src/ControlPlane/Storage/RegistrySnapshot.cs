using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Core.Access;
using HaGrpc.Core.Identity;
using HaGrpc.Core.Model;
using HostSpec = HaGrpc.Core.Model.Host;
using ProgramSpec = HaGrpc.Core.Model.Program;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>Everything registered, as it stood at one instant; each list in ordinal order of its names.</summary>
/// <param name="ConfigurationRevision">Raised by every change of a host, group or program; agents are told it.</param>
/// <param name="Hosts">The hosts.</param>
/// <param name="Groups">The groups.</param>
/// <param name="Programs">The programs.</param>
internal sealed record RegistrySnapshot(
    long ConfigurationRevision,
    ImmutableArray<RegisteredHost> Hosts,
    ImmutableArray<RegisteredGroup> Groups,
    ImmutableArray<RegisteredProgram> Programs)
{
    /// <summary>What operators have locked, with locks that are over and not removed yet.</summary>
    public ImmutableArray<OperatorLock> Locks { get; init; } = [];

    /// <summary>Which certificates and hosts operators have revoked.</summary>
    public Revocations Revocations { get; init; } = Revocations.None;

    /// <summary>Hosts that were deleted and not registered again, by name.</summary>
    public ImmutableDictionary<string, DeletedHost> DeletedHosts { get; init; } = ImmutableDictionary<string, DeletedHost>.Empty;

    /// <summary>The same without what is being deleted: what operators mean by registered.</summary>
    public RegistrySnapshot Lasting
    {
        get
        {
            if (Groups.All(static g => g.Retirement is null) && Hosts.All(static h => h.Retirement is null))
                return this;
            var going = Groups.Where(static g => g.Retirement is not null).Select(static g => g.Spec.Name).ToHashSet(StringComparer.Ordinal);
            return this with
            {
                Hosts = [.. Hosts.Where(static h => h.Retirement is null)],
                Groups = [.. Groups.Where(static g => g.Retirement is null)],
                Programs = [.. Programs.Where(p => !going.Contains(p.Spec.Name.Group))],
            };
        }
    }
}

/// <summary>A host that was deleted.</summary>
/// <param name="By">Who wanted it.</param>
/// <param name="At">When.</param>
internal sealed record DeletedHost(string By, DateTimeOffset At)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"deleted by {ActorName.Shown(By)} at {At:yyyy-MM-dd HH:mm:ss}Z");
}

/// <summary>An operator wants a group or a host to go, and it cannot go yet.</summary>
/// <param name="By">The operator.</param>
/// <param name="At">Since when.</param>
/// <param name="Reason">Why, in the operator's words; may be empty.</param>
internal sealed record Retirement(string By, DateTimeOffset At, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Reason.Length > 0 ? $"being deleted by {ActorName.Shown(By)}: {Reason}" : $"being deleted by {ActorName.Shown(By)}";
}

/// <summary>A host as stored.</summary>
/// <param name="Spec">The host.</param>
/// <param name="Revision">1 when registered, raised by every change.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
/// <param name="Drain">Who wants it empty; null when nobody does.</param>
internal sealed record RegisteredHost(
    HostSpec Spec, long Revision, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, HostDrain? Drain = null)
{
    /// <summary>Who wants it deleted; null when nobody does.</summary>
    public Retirement? Retirement { get; init; }
}

/// <summary>An operator wants a host to own nothing.</summary>
/// <param name="By">The operator.</param>
/// <param name="At">Since when.</param>
/// <param name="Reason">Why, in the operator's words; may be empty.</param>
internal sealed record HostDrain(string By, DateTimeOffset At, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Reason.Length > 0 ? $"drained by {ActorName.Shown(By)}: {Reason}" : $"drained by {ActorName.Shown(By)}";
}

/// <summary>A group as stored.</summary>
/// <param name="Spec">The group.</param>
/// <param name="Revision">1 when registered, raised by every change.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
internal sealed record RegisteredGroup(
    Group Spec, long Revision, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>Who wants it deleted (rule C11); null when nobody does.</summary>
    public Retirement? Retirement { get; init; }
}

/// <summary>A program as stored.</summary>
/// <param name="Spec">The program, with the desired state and restart generation that stand now.</param>
/// <param name="Revision">1 when registered, raised by every change, also of the desired state.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
/// <param name="Desired">Who wanted the desired state.</param>
internal sealed record RegisteredProgram(
    ProgramSpec Spec, long Revision, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DesiredOrigin Desired);

/// <summary>Where a desired state comes from.</summary>
/// <param name="By">The operator.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why, in the operator's words; may be empty.</param>
internal sealed record DesiredOrigin(string By, DateTimeOffset At, string Reason);
