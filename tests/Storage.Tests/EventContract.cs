using System.Globalization;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Storage.Tests;

public abstract class EventContract : StoreContract
{
    private protected EventContract(TestDatabases databases)
        : base(databases)
    {
    }

    [Fact]
    public async Task Text_that_nobody_validated_does_not_stop_the_history()
    {
        await Store.Events.AppendAsync(
        [
            new()
            {
                Kind = "Agent\0Refused",
                Group = "g\u001b",
                Host = "a\0",
                Program = "p\0",
                Message = "first\r\nsecond\0",
                Actor = "\0",
                Steps = [new("claim\0", TimeSpan.Zero, TimeSpan.Zero, "\u0007")],
                SourceId = "a\0/1",
            },
        ]);

        var e = (await Store.Events.ReadNewestAsync(new(), 1)).ShouldHaveSingleItem();

        (e.Kind, e.Group, e.Host, e.Program, e.Message, e.Actor, e.SourceId).ShouldBe(
            ("Agent\uFFFDRefused", "g\uFFFD", "a\uFFFD", "p\uFFFD", "first  second\uFFFD", "\uFFFD", "a\uFFFD/1"));
        e.Steps.ShouldHaveSingleItem().ShouldBe(new("claim\uFFFD", TimeSpan.Zero, TimeSpan.Zero, "\uFFFD"));
    }

    [Fact]
    public async Task An_event_is_read_back_whole()
    {
        var draft = new EventRecord
        {
            Kind = "OwnershipTaken",
            At = new DateTimeOffset(2030, 1, 2, 5, 4, 5, TimeSpan.FromHours(2)).AddTicks(1_234_567),
            Group = "g",
            Host = "a",
            Program = "p",
            Epoch = 7,
            Message = "taken — 取得",
            Actor = "eve",
            Steps = [new Step("claim", TimeSpan.Zero, TimeSpan.FromTicks(12_345)), new Step("routes", TimeSpan.FromMilliseconds(3), TimeSpan.Zero, "no such device")],
            SourceId = "a/4711",
        };

        var stored = (await Store.Events.AppendAsync([draft])).ShouldHaveSingleItem();

        stored.ShouldHaveTheContentOf(draft with
        {
            Id = 1,
            At = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMicroseconds(123_456),
        });
        (await Store.Events.ReadNewestAsync(new(), 10)).ShouldHaveSingleItem().ShouldHaveTheContentOf(stored);
    }

    [Fact]
    public async Task An_event_with_a_known_source_is_stored_once()
    {
        EventRecord Of(string source) => new() { Kind = "VipRestored", SourceId = source };

        (await Store.Events.AppendAsync([Of("i/1"), Of("i/1"), Of("i/2")])).Select(e => e.SourceId).ShouldBe(["i/1", "i/2"]);
        (await Store.Events.AppendAsync([Of("i/2"), Of("i/3")])).Select(e => e.SourceId).ShouldBe(["i/3"]);
        (await Store.Events.AppendAsync([Of("i/3")])).ShouldBeEmpty();
        var raced = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Store.Events.AppendAsync([Of("i/4")]))));

        raced.Sum(r => r.Length).ShouldBe(1);
        (await Store.Events.ReadNewestAsync(new(), 100)).Select(e => (e.Id, e.SourceId))
            .ShouldBe([(1L, "i/1"), (2L, "i/2"), (3L, "i/3"), (4L, "i/4")]);
    }

    [Fact]
    public async Task Filters_restrict_and_the_limit_keeps_the_newest_oldest_first()
    {
        for (var i = 1; i <= 6; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Store.Events.AppendAsync([new() { Kind = "KLM"[i % 3].ToString(), Group = i % 2 == 0 ? "even" : "odd", Host = i > 3 ? "b" : "a" }]);
        }

        async Task<IEnumerable<long>> Newest(EventFilter filter, int limit = 100) =>
            (await Store.Events.ReadNewestAsync(filter, limit)).Select(e => e.Id);

        (await Newest(new(), 2)).ShouldBe([5, 6]);
        (await Newest(new() { Group = "even" })).ShouldBe([2, 4, 6]);
        (await Newest(new() { Host = "a" })).ShouldBe([1, 2, 3]);
        (await Newest(new() { Host = "b", Group = "odd" })).ShouldBe([5]);
        (await Newest(new() { AfterId = 4 })).ShouldBe([5, 6]);
        (await Newest(new() { Kinds = ["M"] })).ShouldBe([2, 5]);
        (await Newest(new() { Kinds = ["K", "M", "none"], Group = "odd", AfterId = 2 }, 2)).ShouldBe([3, 5]);
        (await Newest(new() { Since = Clock.GetUtcNow() - TimeSpan.FromSeconds(1) })).ShouldBe([5, 6]);
        (await Store.Events.ReadNextAsync(new() { AfterId = 1 }, 2)).Select(e => e.Id).ShouldBe([2, 3]);
    }

    [Fact]
    public async Task A_reader_that_follows_misses_nothing_while_many_write()
    {
        const int Writers = 4;
        const int Each = 15;
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
                await Store.Events.AppendAsync([new() { Kind = "K", Message = string.Create(CultureInfo.InvariantCulture, $"{w}/{i}") }]);
        })));

        var followed = new List<EventRecord>();
        await Eventually.HoldsAsync(
            async () =>
            {
                followed.AddRange(await Store.Events.ReadNextAsync(new() { AfterId = followed.Count == 0 ? 0 : followed[^1].Id }, 7));
                return followed.Count >= Writers * Each || writing.IsFaulted;
            },
            "all events followed");

        await writing;
        followed.Select(e => e.Id).ShouldBe(Enumerable.Range(1, Writers * Each).Select(i => (long)i));
        followed.Select(e => e.Message).Distinct().Count().ShouldBe(Writers * Each);
    }
}

public sealed class EventsOnPostgres(PostgresCluster cluster) : EventContract(new PostgresDatabases(cluster));

public sealed class EventsOnSqlite() : EventContract(new SqliteDatabases());
