using System.Globalization;

namespace HaGrpc.Core.Hooks;

/// <summary>How a hook ended.</summary>
public enum HookResult
{
    /// <summary>Exit code 0.</summary>
    Succeeded,

    /// <summary>Another exit code, a signal, or it could not be started.</summary>
    Failed,

    /// <summary>It took too long, and its whole process tree was killed.</summary>
    TimedOut,

    /// <summary>It was killed, or did not start, because of what has happened meanwhile.</summary>
    CutOff,
}

/// <summary>What is told of a hook that has ended.</summary>
/// <param name="Result">How.</param>
/// <param name="Detail">Exit code, signal or reason, for people; empty when there is nothing to say.</param>
/// <param name="Took">How long it ran.</param>
/// <param name="Output">What it wrote, in one line and bounded; empty for nothing.</param>
public sealed record HookOutcome(HookResult Result, string Detail, TimeSpan Took, string Output)
{
    /// <summary>The event's kind in the history.</summary>
    public string Kind => Result switch
    {
        HookResult.Succeeded => "HookSucceeded",
        HookResult.Failed => "HookFailed",
        HookResult.TimedOut => "HookTimedOut",
        _ => "HookCutOff",
    };

    /// <summary>The end of a process.</summary>
    /// <param name="status">Exit code, or minus the signal.</param>
    /// <param name="took">How long it ran.</param>
    /// <param name="output">What it wrote, in one line and bounded.</param>
    public static HookOutcome OfExit(int status, TimeSpan took, string output) => status < 0
        ? new(HookResult.Failed, string.Create(CultureInfo.InvariantCulture, $"signal {-status}"), took, output)
        : new(status == 0 ? HookResult.Succeeded : HookResult.Failed, string.Create(CultureInfo.InvariantCulture, $"exit code {status}"), took, output);

    /// <summary>A sentence for people.</summary>
    public string Words(HookCall call)
    {
        var seconds = Took.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
        var words = $"hook {call.Hook.Name} ({call.PhaseWord} {call.EventWord}): {Detail}, after {seconds} s";
        return Output.Length == 0 ? words : $"{words}; it wrote: {Output}";
    }
}
