using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Observation;

/// <summary>What the auditor found over a stretch of time.</summary>
/// <param name="Violations">Empty when at no instant two hosts acted for the group.</param>
/// <param name="Margin">From the last act of the old owner (gate open, program alive, ARP answered) to the first of the
/// new one; null when the group did not move.</param>
internal sealed record Audit(IReadOnlyList<string> Violations, TimeSpan? Margin);

/// <summary>
/// Proves from the outside that at no instant two hosts answered for the VIP, had their gate open for it or ran a program
/// of the set: the first promise of the ownership protocol. It knows only what the kernel says.
/// </summary>
internal sealed class Auditor(Observers observers)
{
    /// <summary>Audits everything seen between two instants.</summary>
    public Audit Check(long from, long to)
    {
        List<string> violations = [];
        var gates = observers.Hosts.SelectMany(h => h.Gate.Intervals(Topology.Vip4)).Where(InTime).ToList();
        var programs = observers.Hosts.SelectMany(h => h.Programs.Lives).Select(l => l.Interval).Where(InTime).ToList();
        var answers = observers.Hosts.SelectMany(h => Runs(h.Answers, from, to)).ToList();
        Compare("the gate is open on two hosts", gates, gates);
        Compare("programs run on two hosts", programs, programs);
        Compare("two hosts answer for the VIP", answers, answers);
        Compare("one host's gate is open while the other's programs run", gates, programs);
        Compare("one host answers for the VIP while the other's programs run", answers, programs);
        Compare("one host answers for the VIP while the other's gate is open", answers, gates);
        return new(violations, Margin([.. gates, .. programs, .. answers], to));

        bool InTime(Interval i) => i.From < to && i.To > from;

        void Compare(string what, List<Interval> left, List<Interval> right)
        {
            var pairs = left.SelectMany(_ => right, (one, other) => (one, other))
                .Where(pair => pair.one.Host != pair.other.Host && pair.one.Overlaps(pair.other))
                // Of two equal lists each pair would come twice.
                .Where(pair => left != right || string.CompareOrdinal(pair.one.Host, pair.other.Host) < 0);
            violations.AddRange(pairs.Select(pair => $"{what}: {pair.one} and {pair.other}"));
        }
    }

    /// <summary>
    /// Answers as intervals that are certain: from the moment the first answer was read to the moment the last question
    /// was asked. A silence of more than 20 ms begins a new one.
    /// </summary>
    private static IEnumerable<Interval> Runs(AnswerObserver observer, long from, long to)
    {
        const long silence = 20_000_000;
        Interval? run = null;
        foreach (var answer in observer.Answers.Where(a => a.Asked >= from && a.Read <= to))
        {
            if (run is not null && answer.Asked - run.To <= silence)
            {
                run = run with { To = answer.Asked };
                continue;
            }
            if (run is not null)
                yield return run;
            run = new(observer.Host, "answers ARP", answer.Read, answer.Asked);
        }
        if (run is not null)
            yield return run;
    }

    private static TimeSpan? Margin(List<Interval> acts, long to)
    {
        var last = acts.Where(i => i.To >= to).Select(i => i.Host).Distinct().ToList();
        if (last.Count != 1)
            return null;
        var owner = last[0];
        var former = acts.Where(i => i.Host != owner && i.To <= to).ToList();
        if (former.Count == 0)
            return null;
        var end = former.Max(i => i.To);
        var begin = acts.Where(i => i.Host == owner && i.To > end).Min(i => i.From);
        return TimeSpan.FromTicks((begin - end) / 100);
    }
}
