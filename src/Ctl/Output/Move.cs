using Google.Protobuf.WellKnownTypes;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>One epoch of a group: who got it from whom, when and why.</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="From">Who had the one before; null when that is not known or there was none.</param>
/// <param name="To">Who got it.</param>
/// <param name="At">When it was decided, by the control plane's clock.</param>
/// <param name="Until">When the next one was decided; null while it is in force.</param>
/// <param name="Reason">Why.</param>
/// <param name="Actor">Who asked; null when nobody did.</param>
/// <param name="EventId">The number of its event in the history.</param>
internal sealed record Move(
    string Group, long Epoch, string? From, string To, Timestamp? At, Timestamp? Until, string Reason, string? Actor, long EventId)
{
    /// <summary>The kind of the event that decides a change of owner.</summary>
    internal const string Kind = "OwnerPromoted";

    /// <summary>The moves that these events tell, oldest first. The first one's former owner is not known.</summary>
    /// <param name="promotions">Of one group, of kind <see cref="Kind"/>, oldest first.</param>
    internal static IReadOnlyList<Move> Of(IReadOnlyList<Event> promotions) => [.. promotions.Select((e, i) => new Move(
        e.Group,
        e.Epoch,
        i == 0 ? null : promotions[i - 1].Host,
        e.Host,
        e.At,
        i + 1 < promotions.Count ? promotions[i + 1].At : null,
        ReasonOf(e),
        e.Actor.Length == 0 ? null : e.Actor,
        e.Id))];

    /// <summary>True when the owner stayed: its lease went on, or it took its own group again.</summary>
    internal bool IsSameOwner => From == To;

    // The event's sentence names owner and group too, which stand beside it here.
    private static string ReasonOf(Event e)
    {
        var head = $"{e.Host} shall own {e.Group}: ";
        return e.Message.StartsWith(head, StringComparison.Ordinal) ? e.Message[head.Length..] : e.Message;
    }
}
