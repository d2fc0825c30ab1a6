namespace HaGrpc.Lab.Observation;

/// <summary>
/// What one change of owner may start: each program once on the new owner, and nothing on the old one. A program that was killed right
/// after its start and started again serves all the same, and no pair of lives on two hosts overlaps: only a count finds it.
/// </summary>
internal static class TakeoverStarts
{
    /// <summary>Each breach, for people.</summary>
    /// <param name="programs">The names of the set.</param>
    /// <param name="lives">Lives on both hosts.</param>
    /// <param name="newOwner">The host that the group came to; every other host is an old owner.</param>
    /// <param name="since">When the change began; programs that had begun before do not count.</param>
    public static IReadOnlyList<string> Check(
        IEnumerable<string> programs, IEnumerable<ProgramLife> lives, string newOwner, long since)
    {
        var started = lives.Where(life => life.StartedAt > since).ToLookup(life => life.Role, StringComparer.Ordinal);
        List<string> breaches = [];
        foreach (var program in programs)
        {
            var (here, elsewhere) = (started[program].Where(IsHere).ToList(), started[program].Where(life => !IsHere(life)).ToList());
            if (here.Count == 0)
                breaches.Add($"{program} did not start on {newOwner}");
            if (here.Count > 1)
                breaches.Add($"{program} started {here.Count} times on {newOwner}: {Text(here)}");
            if (elsewhere.Count > 0)
                breaches.Add($"{program} started on a host that the group had left: {Text(elsewhere)}");
        }
        return breaches;

        bool IsHere(ProgramLife life) => life.Host == newOwner;

        static string Text(IEnumerable<ProgramLife> some) => string.Join(", ", some.Select(life => life.Interval));
    }
}
