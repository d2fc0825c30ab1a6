namespace HaGrpc.Agent.Peers;

/// <summary>Lets each text pass once in a while: whoever repeats a mistake with each ping must not fill the log.</summary>
internal sealed class RateLimit(TimeProvider time)
{
    private const int MostTexts = 256;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _passed = new(StringComparer.Ordinal);

    /// <summary>True when it did not pass within the last minute.</summary>
    public bool Passes(string text)
    {
        lock (_lock)
        {
            if (_passed.TryGetValue(text, out var at) && time.GetElapsedTime(at) < Interval)
                return false;
            if (_passed.Count == MostTexts)
                _passed.Clear();
            _passed[text] = time.GetTimestamp();
            return true;
        }
    }
}
