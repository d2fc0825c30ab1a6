namespace HaGrpc.ControlPlane.Audit;

/// <summary>How many refused calls of strangers are written down: the audit is kept for ever, and who is not known may call as often as they like.
/// Those that are left out are counted, and told with the next one.</summary>
internal sealed class StrangerBudget(TimeProvider time)
{
    /// <summary>So many in a minute.</summary>
    public const int Most = 60;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _began;
    private int _taken;
    private long _leftOut;

    /// <summary>Asks to write one down.</summary>
    /// <param name="leftOut">How many were left out since the last that was written.</param>
    /// <returns>False when it is to be left out.</returns>
    public bool Take(out long leftOut)
    {
        lock (_lock)
        {
            if (_began is not { } began || time.GetElapsedTime(began) >= Window)
                (_began, _taken) = (time.GetTimestamp(), 0);
            if (_taken == Most)
            {
                leftOut = ++_leftOut;
                return false;
            }
            _taken++;
            (leftOut, _leftOut) = (_leftOut, 0);
            return true;
        }
    }
}
