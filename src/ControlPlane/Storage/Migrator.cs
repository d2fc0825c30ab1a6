namespace HaGrpc.ControlPlane.Storage;

/// <summary>Brings the schema to this binary's version, in one transaction that keeps other starters out.</summary>
internal static class Migrator
{
    private const string VersionTable = "schema_version";

    /// <summary>Applies what is missing.</summary>
    public static Task<MigrationResult> MigrateAsync(Database database, CancellationToken ct) =>
        database.WriteAsync(
            async unit =>
            {
                await unit.Dialect.LockForMigrationAsync(unit);
                var found = await ReadVersionAsync(unit);
                if (found > Schema.Latest)
                    throw Newer(unit.Dialect, found);
                if (found == Schema.Latest)
                    return new MigrationResult(found, found);

                if (found == 0)
                {
                    await unit.ExecuteScriptAsync(
                        $"create table {VersionTable} (version bigint primary key, applied_at {unit.Dialect.InstantType} not null)");
                }

                for (var version = found + 1; version <= Schema.Latest; version++)
                {
                    await unit.ExecuteScriptAsync(Schema.Script(version, unit.Dialect));
                    await unit.ExecuteAsync(
                        $"insert into schema_version (version, applied_at) values ({version}, {database.Now()})");
                }

                await unit.CommitAsync();
                return new MigrationResult(found, Schema.Latest);
            },
            ct);

    /// <summary>The version of the schema; 0 for an empty database.</summary>
    public static async Task<long> ReadVersionAsync(UnitOfWork unit) =>
        await unit.Dialect.TableExistsAsync(unit, VersionTable)
            ? await unit.NumberAsync($"select max(version) from schema_version") ?? 0
            : 0;

    private static StorageException Newer(Dialect dialect, long found) => new(
        $"{dialect.Description}: its schema has version {found}, this ha-controlplane knows versions up to {Schema.Latest}. "
            + "A newer ha-controlplane has used this database: start that version, or restore the backup taken before "
            + "its upgrade. Nothing was changed.");
}

/// <summary>What a migration did.</summary>
/// <param name="From">The version found; 0 for an empty database.</param>
/// <param name="To">The version that stands now.</param>
internal sealed record MigrationResult(long From, long To);
