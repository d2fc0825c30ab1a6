using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record MovesJson(IReadOnlyList<MoveJson> Moves)
{
    internal static MovesJson Of(IEnumerable<Move> moves) => new([.. moves.Select(MoveJson.Of)]);
}

internal sealed record MoveJson(
    string Group, long Epoch, string? From, string To, string? At, string? Until, string Reason, string? Actor, long EventId)
{
    internal static MoveJson Of(Move move) => new(
        move.Group, move.Epoch, move.From, move.To, Times.Machine(move.At), Times.Machine(move.Until), move.Reason, move.Actor, move.EventId);
}

/// <summary>A change of owner with what led to it and what it took; and what is now.</summary>
internal sealed record WhyJson(MoveJson? Move, IReadOnlyList<EventJson> Events, GroupJson? Now)
{
    internal static WhyJson Of(Move? move, IEnumerable<Event> events, GroupStatus? now) => new(
        move is null ? null : MoveJson.Of(move),
        [.. events.Select(EventJson.Of)],
        now is null ? null : GroupJson.Of(now));
}
