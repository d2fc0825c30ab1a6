using HaGrpc.Lab.Observation;
using HaGrpc.Lab.Reporting;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Comparison;

/// <summary>One run of one fault on one pair, measured from outside in the same way whoever it is.</summary>
internal static class Match
{
    /// <summary>A fault that has not led to an answered client lasts so long, then it is healed all the same.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(8);

    /// <summary>What goes wrong by the healing is looked for at least so long.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(2);

    /// <summary>The client counts as without service for good when it is not answered by then.</summary>
    private static readonly TimeSpan LongestReturn = TimeSpan.FromSeconds(15);

    /// <summary>The client is served now: it was answered within this time.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(100);

    public static async Task<RunReport> Run(IPair pair, ComparedFault compared)
    {
        var owner = await pair.Ready();
        var topology = pair.Topology;
        var prober = pair.Observers.Prober;
        var fault = compared.Make(pair, owner, owner == topology.A ? topology.B : topology.A);
        var began = BootClock.Nanoseconds;
        foreach (var host in pair.Observers.Hosts)
            host.Answers.Clear(began);
        await prober.Answered(began, owner.Name, TimeSpan.FromSeconds(10));

        var struck = await fault.Strike();
        await Passed(struck, compared.Hold, LongestHold, prober);
        var healed = BootClock.Nanoseconds;
        var servedBefore = IsServed(prober, healed);
        await fault.Heal();
        await Passed(healed, Afterwards, LongestReturn, prober);
        var ended = BootClock.Nanoseconds;

        var observed = new Observed(pair.Observers, began, ended);
        Dictionary<string, double> measures = new()
        {
            [Measure.Outage] = observed.Outage(began).TotalMilliseconds,
            [Measure.OutageHealed] = observed.Outage(healed).TotalMilliseconds,
            [Measure.TwoHolders] = observed.TwoHolders().TotalMilliseconds,
            [Measure.TwoHoldersHealed] = observed.TwoHolders(healed).TotalMilliseconds,
            [Measure.TwoUntilHealed] = observed.TwoHolders(healed - (long)Fresh.TotalNanoseconds) > observed.TwoHolders(healed) ? 1 : 0,
            [Measure.TwoCopies] = observed.TwoCopies().TotalMilliseconds,
            [Measure.Moves] = observed.Moves(struck),
            [Measure.NotServed] = servedBefore ? 0 : 1,
            [Measure.NotReturned] = IsServed(prober, ended) ? 0 : 1,
        };
        return new(measures, []);
    }

    /// <summary>At least so long after an instant, and until the client is served, but not longer than the limit.</summary>
    private static async Task Passed(long since, TimeSpan least, TimeSpan limit, Prober prober)
    {
        var end = since + (long)limit.TotalNanoseconds;
        await Eventually.Until("the time is over", limit + TimeSpan.FromSeconds(10), () =>
            BootClock.Nanoseconds is var now && (now > end || (now - since > (long)least.TotalNanoseconds && IsServed(prober, now))));
    }

    private static bool IsServed(Prober prober, long at) =>
        prober.LastSuccess is { } last && at - last.End < (long)Fresh.TotalNanoseconds;
}
