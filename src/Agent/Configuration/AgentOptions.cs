using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Configuration;

/// <summary>What an operator can tell an agent; read by <see cref="OptionsReader"/>, complete and checked.</summary>
internal sealed record AgentOptions
{
    /// <summary>The name under which the control plane knows this host.</summary>
    public required string Host { get; init; }

    /// <summary>Endpoints of the control planes, each once.</summary>
    public required ImmutableArray<Uri> ControlPlane { get; init; }

    /// <summary>Absolute; must not survive a boot: deadline files, shim sockets.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>Absolute; survives a boot: accepted and ended epochs, the last configuration.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Absolute path of <c>ha-shim</c>.</summary>
    public required string ShimPath { get; init; }

    /// <summary>True: an <c>http://</c> endpoint that is not on this host is accepted.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>PEM files for <c>https://</c> endpoints and for other agents.</summary>
    public TlsFiles Tls { get; init; } = new("", "", "");

    /// <summary>Where <see cref="Tls"/> comes from when this host has joined; null when an operator has named files, or nothing needs them.</summary>
    public Identity.IdentityFiles? Identity { get; init; }

    /// <summary>How agents of other hosts are reached and reach this one.</summary>
    public PeerListener Peers { get; init; } = PeerListener.None;

    /// <summary>Where Supervisor's clients may ask.</summary>
    public SupervisorListeners Supervisor { get; init; } = new("", null, "");

    /// <summary>What resets this host when it hangs as an owner.</summary>
    public WatchdogOptions Watchdog { get; init; } = WatchdogOptions.None;

    /// <summary>Compact JSON log, appended to; empty for none.</summary>
    public string LogFile { get; init; } = "";

    /// <summary>Least severe level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}

/// <summary>PEM files; each may be empty.</summary>
/// <param name="Certificate">The agent's certificate, intermediates may follow.</param>
/// <param name="Key">Its key.</param>
/// <param name="Ca">What the control plane's certificate must be signed by; empty for the system's roots.</param>
internal sealed record TlsFiles(string Certificate, string Key, string Ca);

/// <summary>Listeners for Supervisor's clients.</summary>
/// <param name="Socket">Absolute path of a Unix socket; empty for none.</param>
/// <param name="Http">A loopback address; null for none.</param>
/// <param name="Login">What <paramref name="Http"/> asks for, as <c>USER:PASSWORD</c>.</param>
internal sealed record SupervisorListeners(string Socket, IPEndPoint? Http, string Login)
{
    /// <summary>True when there is one.</summary>
    public bool Any => Socket.Length > 0 || Http is not null;

    /// <summary>What clients on this host call it, the socket before the address as Supervisor does; empty when there is none.</summary>
    public string Url => Socket.Length > 0 ? $"unix://{Socket}" : Http is not null ? $"http://{Http}" : "";
}
