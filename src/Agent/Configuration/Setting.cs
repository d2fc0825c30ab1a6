using System.Collections.Immutable;

namespace HaGrpc.Agent.Configuration;

/// <summary>One option under its three names: a key of the JSON file (<c>Tls:Key</c> is <c>Key</c> inside <c>Tls</c>), an
/// environment variable and a flag.</summary>
/// <param name="Key">The key, segments separated by colons.</param>
/// <param name="Flag">The flag.</param>
/// <param name="Value">What stands for the value in the usage text; empty for a switch.</param>
/// <param name="Help">One line.</param>
internal sealed record Setting(string Key, string Flag, string Value, string Help)
{
    /// <summary>What every environment variable begins with.</summary>
    public const string EnvironmentPrefix = "HA_AGENT_";

    /// <summary>All of them.</summary>
    public static ImmutableArray<Setting> All { get; } =
    [
        new("Host", "--host", "NAME", "this host's name at the control plane (default: the machine's host name)"),
        new("ControlPlane", "--control-plane", "URL[,URL]", "endpoints of the control planes, also given several times; the agent finds the one that leads"),
        new("RunDirectory", "--run-dir", "DIR", "what must not survive a boot (default /run/ha-agent)"),
        new("StateDirectory", "--state-dir", "DIR", "what must survive a boot (default /var/lib/ha-agent)"),
        new("Shim", "--shim", "FILE", "the ha-shim binary (default: beside ha-agent)"),
        new("AllowPlaintext", "--allow-plaintext", "", "accept an http:// endpoint that is not on this host, and other agents in plain text"),
        new("Tls:Certificate", "--tls-cert", "FILE", "this agent's certificate, PEM"),
        new("Tls:Key", "--tls-key", "FILE", "its key, PEM"),
        new("Tls:Ca", "--tls-ca", "FILE", "the authority of the control plane's certificate, PEM"),
        new("Peer:Listen", "--peer-listen", "IP:PORT", "where agents of other hosts ask while the control plane is away, or off (default: port 7444 of every address)"),
        new("Peer:Address", "--peer-address", "HOST:PORT", "where they reach this one; :PORT is the address that it connects from (default: the port of --peer-listen)"),
        new("Supervisor:Socket", "--supervisor-socket", "PATH", "serve supervisorctl on this Unix socket, for example RUNDIR/supervisor.sock (default: off)"),
        new("Supervisor:Http", "--supervisor-http", "IP:PORT", "serve it on this loopback address too, for example 127.0.0.1:9001 (default: off)"),
        new("Supervisor:Login", "--supervisor-login", "FILE", "USER:PASSWORD that --supervisor-http asks for; a file that only its owner may read"),
        new("Watchdog", "--watchdog", "MODE", "reset this host when it hangs as an owner: off, auto (when there is a device) or required (default off)"),
        new("WatchdogDevice", "--watchdog-device", "FILE", "the kernel's watchdog (default /dev/watchdog)"),
        new("Log:File", "--log-file", "FILE", "also log to this file, as compact JSON"),
        new("Log:Level", "--log-level", "LEVEL", "trace, debug, information, warning, error or critical (default information)"),
    ];

    /// <summary>The name in the environment, for example <c>HA_AGENT_TLS__KEY</c>.</summary>
    public string Variable => EnvironmentPrefix + Key.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>True for an option that may be given several times, and holds several values separated by commas.</summary>
    public bool IsList => Value.Contains(',', StringComparison.Ordinal);

    /// <summary>True for an option that is either given or not.</summary>
    public bool IsSwitch => Value.Length == 0;

    /// <summary>The usage text.</summary>
    public static string Usage()
    {
        var lines = All.Select(s => $"  {(s.IsSwitch ? s.Flag : $"{s.Flag} {s.Value}"),-32} {s.Help}");
        return $"""
            usage: ha-agent [--config FILE] [options]
                   ha-agent join --help   gets this host a certificate, which is then used and renewed without --tls-cert, --tls-key and --tls-ca

              --config FILE                    JSON file with the same options (keys: {string.Join(", ", All.Select(s => s.Key))})
            {string.Join('\n', lines)}
              --version                        print the version
              --help                           print this text

            Every option is also an environment variable, for example {All[1].Variable} or {All[7].Variable}.
            Flags win over the environment, the environment wins over the file.

            signals: SIGTERM, SIGINT  hand over every group, stop its programs, then exit
                     SIGUSR2          exit at once; programs, addresses and leases stay for a successor (upgrade)
            """;
    }
}
