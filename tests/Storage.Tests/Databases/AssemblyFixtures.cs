using HaGrpc.Storage.Tests.Databases;

[assembly: AssemblyFixture(typeof(PostgresCluster))]
