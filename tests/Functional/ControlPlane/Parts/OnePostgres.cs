using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>Tests on one PostgreSQL, one after another: they count what it does.</summary>
[CollectionDefinition(Name)]
public sealed class OnePostgres : ICollectionFixture<PostgresCluster>
{
    public const string Name = "PostgreSQL";
}
