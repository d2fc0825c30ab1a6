namespace HaGrpc.Lab.Observation;

/// <summary>Something was so on a host from one instant to another (CLOCK_BOOTTIME, ns); without an end it still is.</summary>
internal sealed record Interval(string Host, string Subject, long From, long To)
{
    public const long Open = long.MaxValue;

    public bool Overlaps(Interval other) => From < other.To && other.From < To;

    public override string ToString() => $"{Host} {Subject} [{Format(From)} .. {(To == Open ? "now" : Format(To))}]";

    private static string Format(long at) => FormattableString.Invariant($"{at / 1e9:0.000000}");
}
