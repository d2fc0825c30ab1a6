using HaGrpc.Lab.Observation;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Comparison;

/// <summary>What the observers saw between two instants, in figures.</summary>
internal sealed class Observed(Observers observers, long began, long ended)
{
    private const long CertainSilence = 20_000_000;

    /// <summary>The longest time without an answer since an instant; one that has begun before counts from the instant on, one that has
    /// not ended counts until the end.</summary>
    public TimeSpan Outage(long since)
    {
        var answered = observers.Prober.Probes.Where(p => p.Ok && p.Start >= since && p.End <= ended).ToList();
        if (answered.Count == 0)
            return TimeSpan.FromTicks((ended - since) / 100);
        var first = answered.Min(p => p.End) - since;
        var last = ended - answered.Max(p => p.End);
        var between = Outages.Longest(answered, since, ended);
        return TimeSpan.FromTicks(Math.Max(between.Ticks, Math.Max(first, last) / 100));
    }

    /// <summary>All time since an instant in which both hosts answered ARP for the VIP, each on the wire that no fault cuts.</summary>
    public TimeSpan TwoHolders(long since = 0)
    {
        var intervals = observers.Hosts.Select(host => Certain(host.Answers)).ToList();
        return Common(intervals[0], intervals[1], Math.Max(since, began), ended);
    }

    /// <summary>All time in which a program ran on both hosts, of the program with the longest.</summary>
    public TimeSpan TwoCopies()
    {
        var lives = observers.Hosts.Select(host => host.Programs.Lives).ToList();
        return lives[0].Select(l => l.Role).Distinct().Select(role => Common(Of(lives[0], role), Of(lives[1], role), began, ended))
            .DefaultIfEmpty(TimeSpan.Zero).Max();

        static List<Interval> Of(IReadOnlyList<ProgramLife> lives, string role) => [.. lives.Where(l => l.Role == role).Select(l => l.Interval)];
    }

    /// <summary>How many times a host took the address since an instant.</summary>
    public int Moves(long since) =>
        observers.Hosts.Sum(host => host.Addresses.Intervals(Topology.Vip4).Count(i => i.From > since && i.From <= ended));

    /// <summary>From the first answer's reading to the last question's asking; a silence begins a new interval.</summary>
    private List<Interval> Certain(AnswerObserver observer)
    {
        List<Interval> runs = [];
        foreach (var answer in observer.Answers.Where(a => a.Asked >= began && a.Read <= ended))
        {
            if (runs.Count > 0 && answer.Asked - runs[^1].To <= CertainSilence)
                runs[^1] = runs[^1] with { To = answer.Asked };
            else
                runs.Add(new(observer.Host, "answers ARP", answer.Read, answer.Asked));
        }
        return runs;
    }

    private static TimeSpan Common(List<Interval> left, List<Interval> right, long from, long to) =>
        TimeSpan.FromTicks(left.SelectMany(_ => right, (one, other) =>
            Math.Max(0, Math.Min(Math.Min(one.To, other.To), to) - Math.Max(Math.Max(one.From, other.From), from))).Sum() / 100);
}
