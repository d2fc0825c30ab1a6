using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>Something that happened, as <see cref="FailoverEngine"/> sees it.</summary>
public abstract record FailoverEvent;

/// <summary>Groups were registered, changed or deleted. Groups already known keep their ownership as the engine knows it, those that are not
/// named any more are forgotten.</summary>
/// <param name="Groups">All groups.</param>
public sealed record GroupsLoaded(ImmutableArray<StoredGroup> Groups) : FailoverEvent
{
    /// <summary>Hosts that operators want empty: who and why, for people, by host (rule C5).</summary>
    public ImmutableDictionary<string, string> Drained { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Groups that operators have locked beside their registration: who and why, for people, by group (rule C2).</summary>
    public ImmutableDictionary<string, string> Locks { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Groups that operators want deleted: <c>being deleted by …</c>, for people, by group (rule C11).</summary>
    public ImmutableDictionary<string, string> Retiring { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>An agent's stream was accepted; it replaces an older one of the same host.</summary>
/// <param name="Host">The host.</param>
/// <param name="StreamId">Unique for this control-plane process, rising.</param>
/// <param name="Instance">The agent's instance.</param>
public sealed record StreamAttached(string Host, long StreamId, Guid Instance) : FailoverEvent
{
    /// <summary>Of the kernel that the agent runs on (rule C10); empty when it does not say.</summary>
    public Guid BootId { get; init; }
}

/// <summary>An agent's stream ended.</summary>
/// <param name="Host">The host.</param>
/// <param name="StreamId">The stream.</param>
public sealed record StreamDetached(string Host, long StreamId) : FailoverEvent;

/// <summary>A heartbeat came; handled with the instant after its receipt.</summary>
/// <param name="Host">The host.</param>
/// <param name="StreamId">The stream that it came by.</param>
/// <param name="Heartbeat">The heartbeat.</param>
public sealed record HeartbeatReceived(string Host, long StreamId, Heartbeat Heartbeat) : FailoverEvent;

/// <summary>An agent said that it has ended an epoch (rule W7).</summary>
/// <param name="Host">The host.</param>
/// <param name="StreamId">The stream that it came by.</param>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
public sealed record EpochReleased(string Host, long StreamId, string Group, long Epoch) : FailoverEvent;

/// <summary>
/// The outcome of <see cref="CommitPromotion"/>, read back from the database in a way that no attempt can land later
/// (rule C6). Never sent while the outcome is unknown.
/// </summary>
/// <param name="Stored">What the database says now.</param>
public sealed record PromotionSettled(StoredOwnership Stored) : FailoverEvent;

/// <summary><see cref="StoreView"/> is in the database.</summary>
/// <param name="Group">The group.</param>
/// <param name="View">The view.</param>
public sealed record ViewStored(string Group, View View) : FailoverEvent;

/// <summary><see cref="ConfirmView"/> is in the database (rule V1).</summary>
/// <param name="Group">The group.</param>
/// <param name="Version">The version.</param>
public sealed record ViewConfirmed(string Group, long Version) : FailoverEvent;

/// <summary>An operator asks for a planned change of owner (rule C9).</summary>
/// <param name="RequestId">Comes back in <see cref="SwitchoverEnded"/>.</param>
/// <param name="Group">The group.</param>
/// <param name="Target">The host that shall own it, or null for the best other one.</param>
/// <param name="Reason">Why, as the operator put it.</param>
/// <param name="Actor">Who asks.</param>
public sealed record SwitchoverAsked(long RequestId, string Group, string? Target, string Reason, string Actor)
    : FailoverEvent;

/// <summary>A fence device begins to switch a host off (rule C10). What its result is worth is measured by what the host was at this instant.</summary>
/// <param name="Host">The host.</param>
/// <param name="Device">The agent and what it is asked for, for people.</param>
/// <param name="Reason">Why.</param>
/// <param name="Actor">Who asks; empty for the system itself.</param>
public sealed record FenceBegun(string Host, string Device, string Reason, string Actor) : FailoverEvent;

/// <summary>A host is confirmed to be off (rule C10).</summary>
/// <param name="Host">The host.</param>
/// <param name="Method">Who confirms it.</param>
/// <param name="By">The device, or the operator, for people.</param>
/// <param name="Actor">Who asked; empty for the system itself.</param>
public sealed record HostFenced(string Host, FenceMethod Method, string By, string Actor) : FailoverEvent;

/// <summary>A fence device has not confirmed that a host is off (rule C10): it may be, or not.</summary>
/// <param name="Host">The host.</param>
/// <param name="Error">Why, for the operator.</param>
/// <param name="Actor">Who asked; empty for the system itself.</param>
public sealed record FenceFailed(string Host, string Error, string Actor) : FailoverEvent;

/// <summary>Whether the window of a group's failback policy is open, as the wall clock says: the engine knows none. Without it no window is open.</summary>
/// <param name="Group">The group.</param>
/// <param name="OpenUntil">Until when this may be believed; <see cref="BootInstant.Zero"/> while it is shut.</param>
/// <param name="Due">For people: when it opens, or why it does not.</param>
public sealed record FailbackWindowSeen(string Group, BootInstant OpenUntil, string Due) : FailoverEvent
{
    /// <summary>When a window opens, for people.</summary>
    /// <param name="state">What it is now.</param>
    /// <param name="zone">The place whose clock is shown.</param>
    public static string TextOf(WindowState state, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var local = TimeZoneInfo.ConvertTime(state.Until, zone);
        return state.IsOpen ? "" : string.Create(CultureInfo.InvariantCulture, $"its window opens at {local:yyyy-MM-dd HH:mm} {zone.Id}");
    }
}

/// <summary>Time has passed; sent at <see cref="FailoverEngine.NextWake"/>.</summary>
public sealed record LeaderTimePassed : FailoverEvent;

/// <summary>Who owns a group, as the database says.</summary>
/// <param name="Group">The group.</param>
/// <param name="Owner">The owner, or null when it never had one.</param>
/// <param name="Epoch">The epoch; 0 when it never had an owner.</param>
public sealed record StoredOwnership(string Group, string? Owner, long Epoch)
{
    /// <summary>True when the epoch is of an earlier group of that name, and over for good (rule C11).</summary>
    public bool IsOver { get; init; }

    /// <summary>True when this very leadership has written the epoch, without having decided it: what runs was handed over. Nothing that a member
    /// could say is newer, so nobody has to be waited for (rule C7).</summary>
    public bool IsOfThisLeader { get; init; }
}

/// <summary>A group as the database has it.</summary>
/// <param name="Group">Its configuration.</param>
/// <param name="Ownership">Its owner.</param>
/// <param name="ConfirmedView">Version of the last confirmed view; 0 for none.</param>
/// <param name="Views">The last confirmed view and all later ones, by version (rule C1).</param>
public sealed record StoredGroup(
    Group Group,
    StoredOwnership Ownership,
    long ConfirmedView,
    ImmutableArray<View> Views);
