using HaGrpc.ControlPlane.Storage;

namespace HaGrpc.ControlPlane.Configuration;

/// <summary>Everything that can be configured: JSON file, then environment <c>HA_CONTROLPLANE_</c>, then flags.</summary>
internal sealed class ControlPlaneOptions
{
    /// <summary>Where it listens.</summary>
    public ListenOptions Listen { get; set; } = new();

    /// <summary>Certificates; without them links are plaintext.</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>The database.</summary>
    public StorageOptions Storage { get; set; } = new();

    /// <summary>The log.</summary>
    public LogOptions Log { get; set; } = new();

    /// <summary>What is asked of agents.</summary>
    public AgentOptions Agents { get; set; } = new();

    /// <summary>What may be run to switch hosts off.</summary>
    public FencingOptions Fencing { get; set; } = new();

    /// <summary>Certificates that it makes itself.</summary>
    public IdentityOptions Identity { get; set; } = new();
}

/// <summary>Where it listens.</summary>
internal sealed class ListenOptions
{
    /// <summary>ADDRESS:PORT of gRPC for agents and hactl; port 0 lets the kernel choose.</summary>
    public string Grpc { get; set; } = "127.0.0.1:7443";

    /// <summary>ADDRESS:PORT of <c>/healthz</c> and <c>/readyz</c>.</summary>
    public string Http { get; set; } = "127.0.0.1:7480";

    /// <summary>URL of this control plane's gRPC as agents and hactl write it, told to those who ask another one while this one
    /// leads; empty: made of <see cref="Grpc"/>, with the machine's name where it listens on every address.</summary>
    public string Advertise { get; set; } = "";

    /// <summary>True: a listener that others can reach may go without TLS.</summary>
    public bool AllowPlaintext { get; set; }
}

/// <summary>PEM files.</summary>
internal sealed class TlsOptions
{
    /// <summary>The server's certificate, intermediates behind it; empty for plaintext.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>Its private key.</summary>
    public string Key { get; set; } = "";

    /// <summary>The authority of client certificates; when given, clients without a certificate of it are refused.</summary>
    public string ClientCa { get; set; } = "";
}

/// <summary>The log.</summary>
internal sealed class LogOptions
{
    /// <summary>A file of compact JSON lines; empty for none. The console always has the lines for people.</summary>
    public string File { get; set; } = "";

    /// <summary>Least level: Verbose, Debug, Information, Warning or Error.</summary>
    public string Level { get; set; } = "Information";
}

/// <summary>What is asked of agents.</summary>
internal sealed class AgentOptions
{
    /// <summary>How far an agent's wall clock may be off.</summary>
    public TimeSpan ClockTolerance { get; set; } = TimeSpan.FromSeconds(60);
}

/// <summary>What may be run to switch hosts off: who may register hosts chooses among these, and nothing else.</summary>
internal sealed class FencingOptions
{
    /// <summary>The folder of fence agents.</summary>
    public string Agents { get; set; } = "/usr/sbin";

    /// <summary>The folder of the scripts that print passwords for them.</summary>
    public string Scripts { get; set; } = "/etc/ha";
}

/// <summary>Certificates that the control plane makes itself (docs/reference/identity.md).</summary>
internal sealed class IdentityOptions
{
    /// <summary>The folder that <c>ha-controlplane init</c> has filled; empty for none. What is not configured otherwise is found there.</summary>
    public string Directory { get; set; } = "";

    /// <summary>How long certificates of hosts are valid; agents renew them at two thirds of that.</summary>
    public TimeSpan CertificateLife { get; set; } = TimeSpan.FromDays(90);
}
