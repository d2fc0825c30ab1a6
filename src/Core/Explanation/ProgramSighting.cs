using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Explanation;

/// <summary>What is known of a program on a host where it runs or should.</summary>
/// <param name="Program">The program as registered.</param>
/// <param name="Host">The host; empty when nobody owns its group.</param>
/// <param name="State">What the host says; null when it has said nothing, or nobody is there to say it.</param>
/// <param name="Detail">Its words to that.</param>
public sealed record ProgramSighting(Program Program, string Host, ProgramState? State, string Detail)
{
    /// <summary>The last exit code, or minus the signal.</summary>
    public int ExitStatus { get; init; }

    /// <summary>Failed starts in a row; 0 also when its agent does not say.</summary>
    public int FailedStarts { get; init; }

    /// <summary>True when somebody else runs it.</summary>
    public bool IsObserved { get; init; }
}

/// <summary>How the group of a program stands.</summary>
/// <param name="Phase">As operators read it, for example Owned.</param>
/// <param name="Detail">What stands against it; empty for nothing.</param>
public sealed record GroupSighting(string Phase, string Detail)
{
    /// <summary>True while its owner has nothing else to do than to serve it.</summary>
    public bool IsServed => Phase == "Owned";
}
