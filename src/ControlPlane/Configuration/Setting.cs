using System.Globalization;

namespace HaGrpc.ControlPlane.Configuration;

/// <summary>One setting: its key in file and environment, its flag, and what its text must be to be bound at all.</summary>
/// <param name="Key">For example <c>Listen:Grpc</c>.</param>
/// <param name="Flag">For example <c>--listen-grpc</c>; empty for none.</param>
/// <param name="Value">What follows the flag, for the help; empty for a switch.</param>
/// <param name="Meaning">For the help.</param>
/// <param name="Right">What a right value looks like when this one cannot be read; null when it can.</param>
internal sealed record Setting(string Key, string Flag, string Value, string Meaning, Func<string, string?> Right)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Text("Listen:Grpc", "--listen-grpc", "ADDRESS:PORT", "gRPC for agents and hactl (127.0.0.1:7443)"),
        Text("Listen:Http", "--listen-http", "ADDRESS:PORT", "/healthz and /readyz; on loopback without TLS the API as JSON (127.0.0.1:7480)"),
        Text("Listen:Advertise", "--advertise", "URL", "how agents and hactl reach this one's gRPC (from Listen:Grpc)"),
        new("Listen:AllowPlaintext", "--allow-plaintext", "", "listen beyond loopback without TLS", Switch),
        Text("Tls:Certificate", "--tls-cert", "FILE", "the server's certificate, PEM"),
        Text("Tls:Key", "--tls-key", "FILE", "its private key, PEM"),
        Text("Tls:ClientCa", "--tls-ca", "FILE", "authority of client certificates, PEM: makes them mandatory"),
        Text("Identity:Directory", "--data-dir", "DIR", "what ha-controlplane init has made: certificates, and the database unless named"),
        new("Identity:CertificateLife", "", "", "", Time),
        Text("Storage:Postgres", "--postgres", "CONNECTION", "Npgsql connection string; else the SQLite file is used"),
        Text("Storage:Sqlite", "--sqlite", "FILE", "the database (/var/lib/hagrpc/controlplane.db)"),
        Text("Log:File", "--log-file", "FILE", "log as compact JSON lines, beside the console"),
        Text("Log:Level", "--log-level", "LEVEL", "Verbose, Debug, Information, Warning or Error (Information)"),
        new("Agents:ClockTolerance", "", "", "how far an agent's wall clock may be off, more than 0", Time),
        Text("Fencing:Agents", "--fence-agents", "FOLDER", "fence agents that may be run to switch hosts off (/usr/sbin)"),
        Text("Fencing:Scripts", "--fence-scripts", "FOLDER", "scripts that print passwords for them (/etc/ha)"),
    ];

    private static Setting Text(string key, string flag, string value, string meaning) =>
        new(key, flag, value, meaning, static _ => null);

    private static string? Switch(string text) => bool.TryParse(text, out _) ? null : "true or false";

    private static string? Time(string text) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _) ? null : "a time such as 00:01:00";
}
