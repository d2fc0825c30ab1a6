using System.Globalization;

namespace HaGrpc.Lab.Faults;

/// <summary>Which faults a campaign strikes.</summary>
/// <param name="Only">Names of faults, or of two joined by '+'; empty for all. With <paramref name="Pairs"/> a name stands for every pair that it is in.</param>
/// <param name="Pairs">Two at once as well.</param>
/// <param name="Part">The number of this part, from 1.</param>
/// <param name="Parts">How many parts there are: others do the rest.</param>
/// <param name="Seed">Of everything left to chance; null for one drawn now.</param>
/// <param name="Keep">A directory for the logs of broken runs; null for none.</param>
/// <param name="Replicas">How many control planes there are: several have other faults than one.</param>
internal sealed record FaultOptions(
    IReadOnlyList<string> Only, bool Pairs, int Part, int Parts, int? Seed, string? Keep, int Replicas = 1)
{
    /// <summary>Every single fault.</summary>
    public FaultOptions() : this([], false, 1, 1, null, null)
    {
    }

    /// <param name="text">For example 2/3.</param>
    /// <exception cref="ArgumentException">There is no such part.</exception>
    public FaultOptions OfPart(string text) =>
        text.Split('/') is [var part, var parts]
        && int.TryParse(part, CultureInfo.InvariantCulture, out var i) && int.TryParse(parts, CultureInfo.InvariantCulture, out var n)
        && i >= 1 && i <= n
            ? this with { Part = i, Parts = n }
            : throw new ArgumentException($"--part wants I/N with 1 <= I <= N, not '{text}'", nameof(text));

    private IReadOnlyList<FaultKind> Catalogue => Replicas > 1 ? ReplicatedFaults.All : FaultCatalogue.All;

    /// <summary>What this part has to run, in an order that mixes all kinds.</summary>
    public IReadOnlyList<IReadOnlyList<FaultKind>> Runs(int seed)
    {
        List<IReadOnlyList<FaultKind>> runs = [.. Only.Where(IsPair).Select(PairOf)];
        var named = Only.Where(o => !IsPair(o)).Select(name => FaultCatalogue.Find(name, Catalogue)).ToList();
        if (Only.Count == 0 || named.Count > 0)
        {
            runs.AddRange(Catalogue.Where(f => named.Count == 0 || named.Contains(f)).Select(f => new[] { f }));
            if (Pairs)
                runs.AddRange(AllPairs().Where(pair => named.Count == 0 || pair.Any(named.Contains)));
        }
        var mixed = runs.ToArray();
        new Random(seed).Shuffle(mixed);
        return [.. mixed.Where((_, i) => i % Parts == Part - 1)];
    }

    /// <summary>Every two faults that make sense together.</summary>
    private IReadOnlyList<FaultKind[]> AllPairs() =>
        [.. Catalogue.SelectMany((first, i) => Catalogue.Skip(i + 1).Where(first.MakesSenseWith).Select(second => new[] { first, second }))];

    // "clock+1h:owner" is one fault: a name has one colon, two names have two.
    private static bool IsPair(string name) => name.Count(c => c == ':') == 2;

    private FaultKind[] PairOf(string text) =>
        AllPairs().FirstOrDefault(p => text == $"{p[0].Name}+{p[1].Name}" || text == $"{p[1].Name}+{p[0].Name}")
        ?? throw new ArgumentException($"'{text}' is no pair of faults that makes sense", nameof(text));
}
