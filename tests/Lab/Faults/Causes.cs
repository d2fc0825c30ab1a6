namespace HaGrpc.Lab.Faults;

/// <summary>What <c>hactl why</c> has to say after a fault of the owner.</summary>
internal static class Causes
{
    private static readonly (string Fault, string Told)[] Known =
    [
        ("kill", "it was killed, or crashed"),
        ("pause", "the agent did not run for "),
        ("stop", "the agent did not run for "),
        ("link-cut", "no control plane answered for "),
        ("mute", "no control plane answered for "),
        ("deaf", "no control plane answered for "),
    ];

    /// <summary>Whether the answer names the true cause of a change of owner; one that a poor wire led to is told by the silence alone.</summary>
    /// <param name="answer">All of it.</param>
    /// <param name="fault">The one fault that was struck.</param>
    public static bool Tells(string answer, string fault) =>
        Known.FirstOrDefault(k => fault == $"{k.Fault}:owner") is not { Told: { } told } || Answer(answer).Contains(told, StringComparison.Ordinal);

    /// <summary>The decision's reason, and the former owner's own word if there is one, in one line.</summary>
    public static string Answer(string answer)
    {
        var lines = answer.Split('\n');
        // "shop moved from A to B at 2026-11-26 15:05:07.625, epoch 2: why."
        var reason = lines[0].Split(", epoch ", 2)[^1].Split(": ", 2)[^1];
        var word = lines.FirstOrDefault(l => l.StartsWith("Back again, ", StringComparison.Ordinal));
        return word is null ? reason : $"{reason} {word}";
    }
}
