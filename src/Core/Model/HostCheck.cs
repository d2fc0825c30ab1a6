using System.Collections.Immutable;

namespace HaGrpc.Core.Model;

/// <summary>A check of a member's host, which every member of its group runs, the owner or not. One of <see cref="Ping"/>, <see cref="Exec"/> and
/// <see cref="Link"/> says what is asked, the others are empty.</summary>
/// <param name="Name">Unique in its group.</param>
public sealed record HostCheck(string Name)
{
    /// <summary>An IPv4 or IPv6 address that has to answer an echo request.</summary>
    public string Ping { get; init; } = "";

    /// <summary>An absolute path and its arguments, no shell reads them; exit code 0 is good.</summary>
    public ImmutableArray<string> Exec
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>A network interface that has to be set up and have a carrier. The kernel tells of it: nothing is asked, timed or counted.</summary>
    public string Link { get; init; } = "";

    /// <summary>Whom the command runs as, name or number; empty for the agent's own.</summary>
    public string User { get; init; } = "";

    /// <summary>From the begin of one question to the begin of the next, 100 ms to 1 h. One that takes longer is waited for.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer may take, 10 ms to 1 h; a late one is a bad one.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Good answers in a row that it takes to be good, 1 to 100.</summary>
    public int Rise { get; init; } = 2;

    /// <summary>Bad answers in a row that it takes to be bad, 1 to 100.</summary>
    public int Fall { get; init; } = 3;

    /// <summary>-253 to 253 without 0: a positive one is added to the priority while the check is good, a negative one while it is bad. Null: while
    /// it is bad, its host cannot run the group.</summary>
    public int? Weight { get; init; }

    /// <summary>Without a weight: the host cannot run the group while the check is good. With one: it is taken with the other sign.</summary>
    public bool Reverse { get; init; }

    /// <summary>It is bad until it has been found good; else good until it has been found bad.</summary>
    public bool InitFail { get; init; }
}
