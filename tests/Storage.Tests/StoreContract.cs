using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Storage.Tests.Databases;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Storage.Tests;

/// <summary>What every contract test has: an empty, migrated database, a store on it, a clock that stands still.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private readonly List<Store> _stores = [];

    private protected StoreContract(TestDatabases databases) => Databases = databases;

    private protected TestDatabases Databases { get; }

    private protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 5, 17, 10, 11, 12, TimeSpan.Zero));

    private protected StorageOptions Options { get; private set; } = null!;

    private protected Store Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Options = await Databases.CreateAsync();
        Store = Open(Options);
        await Store.MigrateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        await Databases.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another control plane on the same database, or a store on another one.</summary>
    private protected Store Open(StorageOptions? options = null)
    {
        var store = Store.Open(options ?? Options, Clock);
        _stores.Add(store);
        return store;
    }

    /// <summary>Becomes leader.</summary>
    /// <returns>The term.</returns>
    private protected async Task<long> LeadAsync(string holder = "cp-1")
    {
        var seen = await Store.Leadership.ReadAsync();
        return (await Store.Leadership.TakeAsync(seen.Term, seen.Counter, holder)).ShouldNotBeNull();
    }

    /// <summary>Registers hosts a and b and groups of both.</summary>
    private protected async Task RegisterAsync(params string[] groups)
    {
        var revision = (await Store.Registry.ReadAsync()).ConfigurationRevision;
        var write = await Store.Registry.ApplyAsync(
            new() { Hosts = [new("a"), new("b")], Groups = [.. groups.Select(g => Samples.Group(g))] }, revision, "ops");
        write.Outcome.ShouldBe(RegistryOutcome.Applied);
    }

    private protected static Promotion Promote(
        string group, long expectedEpoch, string owner, long term, long expectedAttempt = 0) => new(
        group,
        expectedEpoch,
        expectedEpoch + 1,
        expectedAttempt,
        owner,
        term,
        "owner silent",
        "",
        null,
        new() { Kind = "OwnerPromoted", Message = $"{owner} promoted", Steps = [new Step("suspect", TimeSpan.Zero, TimeSpan.FromMilliseconds(1501))] });
}
