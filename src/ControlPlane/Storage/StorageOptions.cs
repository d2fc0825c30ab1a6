namespace HaGrpc.ControlPlane.Storage;

/// <summary>Where the control plane keeps its data: the section <c>Storage</c> of the configuration.</summary>
internal sealed class StorageOptions
{
    /// <summary>Npgsql connection string; empty for the embedded SQLite file. Wins over <see cref="Sqlite"/>.</summary>
    public string Postgres { get; set; } = "";

    /// <summary>Absolute path of the SQLite file; its directory is created when missing.</summary>
    public string Sqlite { get; set; } = "/var/lib/hagrpc/controlplane.db";
}
