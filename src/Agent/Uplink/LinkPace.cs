namespace HaGrpc.Agent.Uplink;

/// <summary>How urgent a lost stream is; written by the ownership loop, read by the dialling task.</summary>
internal sealed class LinkPace
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);
    private long _heartbeat = TimeSpan.TicksPerSecond;
    private long _ttl = 5 * TimeSpan.TicksPerSecond;
    private bool _holding;

    /// <summary>The shortest lease of this host's groups.</summary>
    public TimeSpan Ttl
    {
        get => new(Volatile.Read(ref _ttl));
        set => Volatile.Write(ref _ttl, value.Ticks);
    }

    /// <summary>The shortest heartbeat interval of this host's groups.</summary>
    public TimeSpan Heartbeat
    {
        get => new(Volatile.Read(ref _heartbeat));
        set => Volatile.Write(ref _heartbeat, value.Ticks);
    }

    /// <summary>True while this host owns a group.</summary>
    public bool Holding
    {
        get => Volatile.Read(ref _holding);
        set => Volatile.Write(ref _holding, value);
    }

    /// <summary>The longest pause between two rounds of attempts.</summary>
    public TimeSpan LongestPause
    {
        get
        {
            if (!Holding)
                return Idle;
            return Heartbeat < TimeSpan.FromSeconds(1) ? Heartbeat : TimeSpan.FromSeconds(1);
        }
    }

    /// <summary>How long one attempt may take up to the Welcome: short at first, so that a hung endpoint costs no lease;
    /// longer after failures, since a thousand agents that return at once are served one after the other.</summary>
    /// <param name="failures">Rounds that have failed since the last stream.</param>
    public TimeSpan Patience(int failures)
    {
        var first = Math.Clamp(Ttl.TotalMilliseconds / 3, 100, 1000);
        return TimeSpan.FromMilliseconds(Math.Min(first * Math.Pow(2, Math.Min(failures, 10)), 10_000));
    }
}
