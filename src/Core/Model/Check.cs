namespace HaGrpc.Core.Model;

/// <summary>How a program is asked how it is.</summary>
public enum CheckKind
{
    /// <summary>GET of a URL; every answer below 400 is good.</summary>
    Http,

    /// <summary>A TCP connection to <c>host:port</c>.</summary>
    Tcp,

    /// <summary>A command, run as the program's user, in its directory and environment; exit code 0 is good.</summary>
    Exec,

    /// <summary><c>grpc.health.v1.Health/Check</c> of <c>host:port</c> or <c>host:port/service</c>; SERVING is good.</summary>
    Grpc,

    /// <summary>The program says <c>READY=1</c> itself on the socket that NOTIFY_SOCKET names (sd_notify(3)).</summary>
    Notify,
}

/// <summary>A check of a program and how its answers are judged.</summary>
/// <param name="Kind">How it is asked.</param>
/// <param name="Target">What is asked; empty for <see cref="CheckKind.Notify"/>. May contain expansions.</param>
public sealed record Check(CheckKind Kind, string Target)
{
    /// <summary>From the begin of one check to the begin of the next, 50 ms to 1 h.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer may take, 10 ms to 1 h; a late one is a bad one.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Good answers in a row that it takes to be up, 1 to 100.</summary>
    public int Rise { get; init; } = 1;

    /// <summary>Bad answers in a row that it takes to be down, 1 to 100.</summary>
    public int Fall { get; init; } = 3;

    /// <summary>How long after the program's start bad answers do not count, 0 to 24 h.</summary>
    public TimeSpan StartPeriod { get; init; }
}
