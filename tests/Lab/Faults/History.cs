using HaGrpc.V1;

namespace HaGrpc.Lab.Faults;

/// <summary>What the history says of a stretch of time, and whether it says all of it.</summary>
internal static class History
{
    /// <summary>How often the group came to another host than it had been on.</summary>
    /// <param name="events">In order.</param>
    /// <param name="owner">Who owned it before the first of them.</param>
    public static int ChangesOfOwner(IEnumerable<Event> events, string owner)
    {
        var changes = 0;
        foreach (var promotion in events.Where(IsPromotion).Where(e => e.Host != owner))
        {
            owner = promotion.Host;
            changes++;
        }
        return changes;
    }

    /// <summary>Each gap: numbers that are missing, changes of epoch that nothing tells of or that have no reason.</summary>
    /// <param name="events">All since <paramref name="lastId"/>, in order.</param>
    /// <param name="lastId">The number of the last event before.</param>
    /// <param name="from">The group before.</param>
    /// <param name="to">The group now.</param>
    public static IReadOnlyList<string> Gaps(IReadOnlyList<Event> events, long lastId, GroupStatus from, GroupStatus to)
    {
        List<string> gaps = [];
        foreach (var e in events)
        {
            if (e.Id != lastId + 1)
                gaps.Add($"the history jumps from number {lastId} to {e.Id}");
            lastId = e.Id;
        }
        var (epoch, owner) = (from.Epoch, from.Owner);
        foreach (var promotion in events.Where(IsPromotion))
        {
            if (promotion.Epoch != epoch + 1)
                gaps.Add($"the history goes from epoch {epoch} to {promotion.Epoch} (number {promotion.Id})");
            // "B shall own shop: why"
            if (promotion.Message.Split(": ", 2) is not [_, { Length: > 0 }])
                gaps.Add($"event {promotion.Id} gives no reason for epoch {promotion.Epoch}: '{promotion.Message}'");
            (epoch, owner) = (promotion.Epoch, promotion.Host);
        }
        if (epoch != to.Epoch || (to.Owner.Length > 0 && owner != to.Owner))
            gaps.Add($"the history ends with epoch {epoch} of {owner}, the group is at epoch {to.Epoch} of {to.Owner}");
        return gaps;
    }

    private static bool IsPromotion(Event e) => e.Kind == "OwnerPromoted";
}
