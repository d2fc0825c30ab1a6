namespace HaGrpc.Ctl.Output;

/// <summary>Which hue a word of state has.</summary>
internal static class StateHue
{
    /// <summary>By the word alone; none for what is no state.</summary>
    /// <param name="state">For example <c>RUNNING</c>, <c>live</c> or <c>Owned,locked</c>.</param>
    internal static Hue Of(string state)
    {
        var comma = state.IndexOf(',', StringComparison.Ordinal);
        return (comma < 0 ? state : state[..comma]).Trim() switch
        {
            "RUNNING" or "live" or "leader" or "Owned" or "ok" or "OK" => Hue.Good,
            "STARTING" or "STOPPING" or "BACKOFF" or "suspect" or "Promoting" or "Releasing" or "Waiting" or "warning" or "undecided" => Hue.Busy,
            "FATAL" or "UNKNOWN" or "dead" or "away" or "Unowned" or "fails" or "not usable" => Hue.Bad,
            "STOPPED" or "EXITED" or "follower" or "unknown" => Hue.Faint,
            _ => Hue.None,
        };
    }
}
