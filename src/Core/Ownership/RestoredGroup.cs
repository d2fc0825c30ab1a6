using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// A group of which agents know more than the database (rule S4): an older backup was restored. What the database says of its
/// owner, epoch and views is worth nothing then; what the members report is collected here until a new epoch is committed that
/// is above everything that may ever have been given.
/// </summary>
internal sealed class RestoredGroup
{
    /// <summary>What was lost may be more than what is reported. Numbers rise to the next multiple of this, which leaves room for
    /// more changes than can have been lost, and shows in the history for good.</summary>
    private const long Step = 1_000_000;

    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LastReport> _reports = new(StringComparer.Ordinal);
    private long _counter;

    /// <summary>The highest epoch that anybody knows.</summary>
    public long Epoch { get; private set; }

    /// <summary>The highest version of a view that an owner acts under.</summary>
    public long View { get; private set; }

    /// <summary>Who knows the highest epoch as one of its own, above the database's; a lock keeps the group there (C2).</summary>
    public string? LastOwner { get; private set; }

    /// <summary>The epoch to give next, and the first version of the views that go with it.</summary>
    public long NextEpoch => ((Math.Max(Math.Max(Epoch, View), _counter) / Step) + 1) * Step;

    /// <summary>C4: which members have sealed everything below <see cref="NextEpoch"/>, and until when what they promised may be relied on.</summary>
    public Dictionary<string, BootInstant> Seals { get; } = new(StringComparer.Ordinal);

    /// <summary>On which stream of a member its seal was asked for.</summary>
    public Dictionary<string, long> SealAsked { get; } = new(StringComparer.Ordinal);

    /// <summary>F4: until when a member vouches for somebody who owns the group.</summary>
    public BootInstant VouchedUntil { get; private set; } = BootInstant.Zero;

    /// <summary>V1: what must be in the database before the new epoch is.</summary>
    public Queue<View> Views { get; } = [];

    /// <summary>For whom <see cref="Views"/> were made; null when they have not been.</summary>
    public string? ViewsFor { get; private set; }

    /// <summary>Notes an epoch that exists, whoever had it.</summary>
    public void Saw(long epoch)
    {
        var next = NextEpoch;
        Epoch = Math.Max(Epoch, epoch);
        AskAgainWhenAbove(next);
    }

    /// <summary>Notes the leadership's counter that an agent has heard of. It stands above every epoch that was given after an earlier restore,
    /// also one that nobody who can be heard has heard of.</summary>
    public void SawCounter(long counter)
    {
        var next = NextEpoch;
        _counter = Math.Max(_counter, counter);
        AskAgainWhenAbove(next);
    }

    /// <summary>Notes a seal. Another leader has asked for it because it was about to give the epoch that follows, and may have done so.</summary>
    public void SawSeal(string host, long upTo)
    {
        if (upTo != NextEpoch - 1 || !_asked.Contains(host))
            Saw(upTo + 1);
    }

    /// <summary>C4: a member is asked to seal everything below <see cref="NextEpoch"/>, on this stream.</summary>
    public void AskedToSeal(string host, long stream)
    {
        SealAsked[host] = stream;
        _ = _asked.Add(host);
    }

    /// <summary>S2: what a member that has lost its disk has sealed: with this, everything that may have been given.</summary>
    public long Tell(string host)
    {
        _ = _asked.Add(host);
        return NextEpoch - 1;
    }

    /// <summary>Notes an epoch that a member has or had itself.</summary>
    public void SawOwn(string host, long epoch)
    {
        if (epoch >= Epoch)
            LastOwner = host;
        Saw(epoch);
    }

    /// <summary>Notes the view that an owner acts under.</summary>
    public void SawView(long version)
    {
        if (version <= View)
            return;
        var next = NextEpoch;
        View = version;
        ViewsFor = null;
        AskAgainWhenAbove(next);
    }

    /// <summary>A member's heartbeat: until when it holds a lease on the group, as it says; null when it holds none. And whether it is
    /// still stopping what belongs to one that is over.</summary>
    public void Reported(string host, BootInstant? leaseUntil, bool isEnding) => _reports[host] = new(leaseUntil, isEnding);

    /// <summary>F4.</summary>
    public void Vouched(BootInstant until) => VouchedUntil = BootInstant.Max(VouchedUntil, until);

    /// <summary>Who holds a lease now, and until when; promise 1 lets that be one host at most.</summary>
    public (string Host, BootInstant Until)? HolderAt(BootInstant now)
    {
        foreach (var (host, report) in _reports)
        {
            if (report.LeaseUntil is { } until && until > now)
                return (host, until);
        }
        return null;
    }

    /// <summary>True for a member that may still act: it has not been heard, or held a lease or was still ending it when it was heard last.</summary>
    public bool MayAct(string host) => !_reports.TryGetValue(host, out var report) || report.LeaseUntil is not null || report.IsEnding;

    /// <summary>
    /// The views to store before <paramref name="owner"/> gets the new epoch. One that holds a lease acts under a view that is lost: who
    /// else was in it, and for how long it lasts, is not known. So one view for each other member, of the longest length that a lease may
    /// have had, says what has to be feared until the owner has confirmed the last of these: nobody takes over before all of the others
    /// have sealed and the longest lease is over (C1, C4), whichever control plane leads then.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="owner">Who gets the epoch.</param>
    /// <param name="holds">True when it holds a lease.</param>
    /// <param name="newest">The newest version in the database.</param>
    /// <param name="longest">The longest length that a lease may have had; null for one without end.</param>
    public void PlanViews(Group group, string owner, bool holds, long newest, TimeSpan? longest)
    {
        if (ViewsFor == owner)
            return;
        ViewsFor = owner;
        Views.Clear();
        var version = Math.Max(newest + 1, NextEpoch);
        foreach (var other in group.Members.Select(m => m.Host).Where(h => holds && h != owner))
        {
            string[] two = [owner, other];
            Views.Enqueue(new View(version++, [.. two.Order(StringComparer.Ordinal)], longest));
        }
        Views.Enqueue(FailoverEngine.ViewOf(group, version));
    }

    /// <summary>V1: a view is in the database.</summary>
    public void Stored(long version)
    {
        if (Views.TryPeek(out var next) && next.Version == version)
            _ = Views.Dequeue();
    }

    /// <summary>True for a stored group whose views are those of an epoch that was never committed: a leader has found a restore, and did
    /// not live to settle it.</summary>
    /// <param name="epoch">The stored epoch.</param>
    /// <param name="newest">The newest stored version of a view.</param>
    public static bool IsUnsettled(long epoch, long newest) => newest / Step > epoch / Step;

    private void AskAgainWhenAbove(long next)
    {
        if (NextEpoch == next)
            return;
        Seals.Clear();
        SealAsked.Clear();
        _asked.Clear();
    }

    private readonly record struct LastReport(BootInstant? LeaseUntil, bool IsEnding);
}
