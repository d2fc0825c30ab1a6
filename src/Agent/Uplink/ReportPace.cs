namespace HaGrpc.Agent.Uplink;

/// <summary>
/// How often changed programs are reported. A few changes are told at once, each by itself; when hundreds of programs start or stop, the next
/// report waits a little and says it of all that have changed meanwhile. Each one costs the control plane, and all who watch there, as much as
/// a report of many. Not for several threads at once.
/// </summary>
/// <param name="time">Measures.</param>
internal sealed class ReportPace(TimeProvider time)
{
    /// <summary>So many reports may follow each other without a pause.</summary>
    public const int AtOnce = 8;

    /// <summary>Behind those, one in this time.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private TimeSpan _credit = Pause * AtOnce;
    private long _last = time.GetTimestamp();

    /// <summary>Whether a report may be sent now; true counts it as sent.</summary>
    /// <param name="left">Else when it may.</param>
    public bool MayReport(out TimeSpan left)
    {
        var now = time.GetTimestamp();
        _credit += time.GetElapsedTime(_last, now);
        _last = now;
        if (_credit > Pause * AtOnce)
            _credit = Pause * AtOnce;
        left = Pause - _credit;
        if (left > TimeSpan.Zero)
            return false;
        _credit -= Pause;
        return true;
    }
}
