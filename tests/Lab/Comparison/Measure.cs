namespace HaGrpc.Lab.Comparison;

/// <summary>The names of what a run measures.</summary>
internal static class Measure
{
    /// <summary>The client's longest time without an answer, from before the fault to the end.</summary>
    public const string Outage = "client's outage, ms";

    /// <summary>The same, of the time since the healing began.</summary>
    public const string OutageHealed = "client's outage after healing, ms";

    /// <summary>All time in which both hosts would have answered ARP for the VIP.</summary>
    public const string TwoHolders = "two holders, ms";

    public const string TwoHoldersHealed = "two holders after healing, ms";

    /// <summary>1 when there were two holders just before the fault was healed.</summary>
    public const string TwoUntilHealed = "two holders until healing";

    /// <summary>All time in which the same program ran on both hosts, of the program that did longest.</summary>
    public const string TwoCopies = "two copies of a program, ms";

    /// <summary>How many times a host took the address.</summary>
    public const string Moves = "changes of owner";

    /// <summary>1 when the client was without service when the fault was healed.</summary>
    public const string NotServed = "not served before healing";

    /// <summary>1 when it was without service at the end.</summary>
    public const string NotReturned = "not served at the end";
}
