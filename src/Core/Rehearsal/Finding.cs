namespace HaGrpc.Core.Rehearsal;

/// <summary>What a finding means for a takeover.</summary>
public enum Verdict
{
    /// <summary>As it has to be.</summary>
    Ok,

    /// <summary>It would work; somebody should look all the same.</summary>
    Warning,

    /// <summary>A takeover would fail, or what it starts would.</summary>
    Fails,
}

/// <summary>One thing that a takeover needs, looked at on one host.</summary>
/// <param name="What">What was looked at, one word: command, user, directory, log, port, interface, address, route, gate, script,
/// program, sync.</param>
/// <param name="Subject">Whose: <c>group:program</c>, <c>group:/directory</c>, or the group.</param>
/// <param name="Verdict">What it means.</param>
/// <param name="Value">What is so, for the operator.</param>
/// <param name="Right">What would be right; empty when it is.</param>
public sealed record Finding(string What, string Subject, Verdict Verdict, string Value, string Right = "")
{
    /// <summary>True for the same finding, whatever figures it shows: free bytes change with every look.</summary>
    public bool IsAbout(Finding other) => (What, Subject, Verdict) == (other.What, other.Subject, other.Verdict);
}
