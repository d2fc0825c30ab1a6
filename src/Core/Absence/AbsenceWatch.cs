using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Absence;

/// <summary>
/// Why nobody heard this host for a while. The control plane sees only silence; the agent, once it is back, knows whether it was not running,
/// slept with its machine, or ran and was not answered. It decides nothing, it is told to people (<c>hactl why</c>).
/// </summary>
/// <param name="startedAt">When the agent started.</param>
public sealed class AbsenceWatch(BootInstant startedAt)
{
    /// <summary>A busy machine keeps a process waiting for less.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(100);

    private BootInstant _answeredAt = startedAt;
    private TimeSpan _late;
    private TimeSpan _slept;

    /// <summary>The agent got to its work later than it wanted to, or took long for a piece of it that takes no time.</summary>
    /// <param name="late">By how much.</param>
    public void Ran(TimeSpan late)
    {
        if (late > Tolerance)
            _late += late;
    }

    /// <summary>The machine slept.</summary>
    /// <param name="slept">For how long.</param>
    public void Slept(TimeSpan slept) => _slept += slept;

    /// <summary>A control plane has answered.</summary>
    /// <param name="now">When.</param>
    /// <param name="patience">A silence that is not longer is not worth a word: a lease outlives it.</param>
    /// <returns>What the silence before it was, for people; null when there was none.</returns>
    public string? Answered(BootInstant now, TimeSpan patience)
    {
        var (silence, late, slept) = (now - _answeredAt, _late, _slept);
        (_answeredAt, _late, _slept) = (now, TimeSpan.Zero, TimeSpan.Zero);
        if (silence <= patience)
            return null;
        if (slept * 2 >= silence)
            return $"the machine slept for {Text.Of(slept)}";
        return late * 2 >= silence
            ? $"the agent did not run for {Text.Of(late)}: it was stopped, or got no processor"
            : $"no control plane answered for {Text.Of(silence)} while the agent ran: the way there or back was cut, or none led";
    }
}
