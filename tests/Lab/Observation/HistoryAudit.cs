using HaGrpc.V1;

namespace HaGrpc.Lab.Observation;

/// <summary>
/// What the history owes to whoever read it before: everything that stood there still does, the numbers have no gap, nothing was given
/// up, and each new epoch of the group has its event, which is the only one of that epoch.
/// </summary>
/// <param name="before">The whole history at some time.</param>
internal sealed class HistoryAudit(IReadOnlyList<Event> before)
{
    /// <summary>Number of the newest event of then.</summary>
    public long Last => before.Count == 0 ? 0 : before[^1].Id;

    /// <summary>Each breach, for people.</summary>
    /// <param name="group">The group.</param>
    /// <param name="epochBefore">Its epoch at the time of the first reading.</param>
    /// <param name="epoch">Its epoch now.</param>
    /// <param name="now">The whole history now.</param>
    public IReadOnlyList<string> Check(string group, long epochBefore, long epoch, IReadOnlyList<Event> now)
    {
        List<string> breaches = [];
        foreach (var (known, i) in before.Select((e, i) => (e, i)))
        {
            if (i < now.Count && now[i].Equals(known))
                continue;
            breaches.Add($"event {known.Id} ({known.Kind}) is lost: {(i < now.Count ? $"{now[i].Id} ({now[i].Kind}) stands there" : "the history ends before")}");
            break;
        }
        if (now.Where((e, i) => e.Id != i + 1).FirstOrDefault() is { } late)
            breaches.Add($"the events have a gap before {late.Id} ({late.Kind})");
        breaches.AddRange(now.Skip(before.Count).Where(e => e.Kind == "EventsLost").Select(e => $"events were given up: {e.Message}"));
        for (var each = epochBefore + 1; each <= epoch; each++)
        {
            var tellers = now.Where(e => e.Group == group && e.Epoch == each && e.Kind == "OwnerPromoted").ToList();
            if (tellers.Count != 1)
                breaches.Add($"epoch {each} has {tellers.Count} events of its beginning: {string.Join(", ", tellers.Select(e => $"{e.Id} {e.Kind}"))}");
        }
        return breaches;
    }
}
