using System.Collections.Immutable;
using System.Data.Common;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Audit;
using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Storage.Tests;

public abstract class AuditContract : StoreContract
{
    private protected AuditContract(TestDatabases databases)
        : base(databases)
    {
    }

    private static AuditEntry Asked(string call = "AdminService/Apply", string actor = "CN=eve", params ImmutableArray<string> about) => new()
    {
        Kind = AuditEntry.Asked,
        Actor = actor,
        ActorKind = "certificate",
        Address = "10.0.0.1:40000",
        Call = call,
        Objects = about,
        // Neither ordered nor spaced as a database would: it must come back as it is.
        Request = """{"b":1,  "a":"— 维护","n":1.0}""",
        Reason = "why",
    };

    private static AuditEntry EndOf(AuditEntry asked, string result = AuditEntry.Ok) => asked with
    {
        Id = 0,
        At = "",
        Kind = AuditEntry.Ended,
        CallId = asked.Id,
        Request = "",
        Answer = "{}",
        Changes = "[]",
        Result = result,
        Detail = "detail",
    };

    private async Task<AuditEntry> AppendAsync(AuditEntry draft) => (await Store.Audit.AppendAsync(draft, term: null)).ShouldNotBeNull();

    private async Task<string?> VerifyAsync(params AuditHead[] noted)
    {
        var verifier = new AuditVerifier(noted);
        var said = await Store.Audit.ReadHeadAsync();
        foreach (var entry in await Store.Audit.ReadNextAsync(new(), 0, 1000))
            verifier.Take(entry);
        verifier.End(said);
        return verifier.Problem;
    }

    [Fact]
    public async Task What_is_written_is_chained_and_read_back_as_it_was_hashed()
    {
        (await Store.Audit.ReadHeadAsync()).ShouldBe(AuditHead.None);
        var term = await LeadAsync();
        Clock.Advance(TimeSpan.FromTicks(1_234_567));

        var first = (await Store.Audit.AppendAsync(Asked(about: ["group/web", "program/web:a b"]), term)).ShouldNotBeNull();
        var second = await AppendAsync(EndOf(first));

        (first.Id, first.At, first.Term, first.PreviousHash).ShouldBe((1, "2030-05-17T10:11:12.123456Z", term, AuditHash.Origin));
        (second.Id, second.CallId, second.PreviousHash).ShouldBe((2, 1, first.Hash));
        var read = await Store.Audit.ReadNextAsync(new(), 0, 10);
        read.Select(e => e.Hash).ShouldBe([first.Hash, second.Hash]);
        read.ShouldAllBe(e => AuditHash.Of(e) == e.Hash);
        read[0].Objects.ShouldBe(["group/web", "program/web:a b"]);
        read[0].Request.ShouldBe(first.Request);
        (await Store.Audit.ReadHeadAsync()).ShouldBe(new(2, second.Hash));
        (await VerifyAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Many_writers_make_one_chain()
    {
        var other = Open();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(
            () => (i % 2 == 0 ? Store : other).Audit.AppendAsync(Asked(actor: $"CN={i}"), term: null))));

        (await Store.Audit.ReadHeadAsync()).Id.ShouldBe(40);
        (await VerifyAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_is_asked_for_under_a_leadership_that_is_over()
    {
        var term = await LeadAsync();
        await LeadAsync("cp-2");

        (await Store.Audit.AppendAsync(Asked(), term)).ShouldBeNull();
        (await Store.Audit.ReadHeadAsync()).ShouldBe(AuditHead.None);
    }

    [Fact]
    public async Task An_end_is_stored_once()
    {
        var asked = await AppendAsync(Asked());
        var ended = await AppendAsync(EndOf(asked));
        (await AppendAsync(EndOf(asked))).Id.ShouldBe(ended.Id, "an outcome that was unknown is stored again");
        (await Store.Audit.ReadHeadAsync()).Id.ShouldBe(2);
        (await AppendAsync(Asked())).Id.ShouldBe(3);
    }

    [Fact]
    public async Task Text_that_nobody_validated_is_stored_and_hashed_as_it_is_stored()
    {
        await AppendAsync(Asked(about: ["group/a\nb\0"]) with { Actor = "\0", Reason = "a\r\nb", Detail = "\u001b" });
        (await VerifyAsync()).ShouldBeNull();
        (await Store.Audit.ReadNextAsync(new(), 0, 1)).Single().Objects.ShouldBe(["group/a b\uFFFD"]);
    }

    [Fact]
    public async Task Filters_restrict_and_the_limit_keeps_the_newest_oldest_first()
    {
        var apply = await AppendAsync(Asked(about: ["host/a", "group/web"]));
        await AppendAsync(EndOf(apply));
        Clock.Advance(TimeSpan.FromMinutes(1));
        var lockWeb2 = await AppendAsync(Asked("AdminService/Lock", "CN=bob", "group/web2"));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await AppendAsync(EndOf(lockWeb2, "NOT_FOUND"));
        await AppendAsync(Asked("AdminService/Unlock", "CN=bob", "group/web2"));

        async Task<IEnumerable<long>> Ids(AuditFilter filter, int limit = 100) =>
            (await Store.Audit.ReadNewestAsync(filter, limit)).Select(e => e.Id);

        (await Ids(new(), 2)).ShouldBe([4, 5]);
        (await Ids(new() { Actor = "CN=bob" })).ShouldBe([3, 4, 5]);
        (await Ids(new() { Actor = "bob" })).ShouldBe([3, 4, 5], "as people are shown it");
        (await Ids(new() { Call = "Lock" })).ShouldBe([3, 4], "Unlock is another call");
        (await Ids(new() { Call = "AdminService/Apply" })).ShouldBe([1, 2]);
        (await Ids(new() { Call = "lo" })).ShouldBe([3, 4], "how a call begins is enough");
        (await Ids(new() { Call = "adminservice/app" })).ShouldBe([1, 2]);
        (await Ids(new() { Object = "group/web" })).ShouldBe([1, 2], "web2 is another group");
        (await Ids(new() { Result = "OK" })).ShouldBe([2]);
        (await Ids(new() { Result = AuditFilter.Failed })).ShouldBe([4]);
        (await Ids(new() { Since = Clock.GetUtcNow() })).ShouldBe([4, 5]);
        (await Ids(new() { Until = Clock.GetUtcNow() })).ShouldBe([1, 2, 3]);
        (await Ids(new() { Calls = true })).ShouldBe([2, 4, 5], "of what is under way there is only the beginning");
        (await Store.Audit.ReadNextAsync(new() { Actor = "CN=bob" }, 3, 1)).Select(e => e.Id).ShouldBe([4]);
    }

    [Fact]
    public async Task The_database_refuses_to_change_or_remove_entries()
    {
        await AppendAsync(Asked());
        foreach (var act in new[] { "update audit set actor = 'CN=bob'", "delete from audit" })
            (await Should.ThrowAsync<DbException>(() => Databases.ExecuteAsync(Options, act))).Message.ShouldContain("rows of audit are never ");
        (await VerifyAsync()).ShouldBeNull();
    }

    /// <summary>Whoever may drop the triggers may do anything: that it was done is what the chain shows.</summary>
    [Theory]
    [InlineData("update audit set actor = 'CN=bob' where id = 2", "entry 2 was changed: its hash is ")]
    [InlineData("update audit set request = '{}' where id = 2", "entry 2 was changed: its hash is ")]
    [InlineData("delete from audit where id = 2", "entry 2 is missing: entry 1 is followed by entry 3")]
    [InlineData("delete from audit where id = 4", "entry 4 is missing at the end: 4 have been written")]
    public async Task What_is_done_to_entries_behind_the_triggers_is_found(string act, string problem)
    {
        for (var i = 0; i < 4; i++)
            await AppendAsync(Asked(actor: $"CN={i}"));

        await DropTriggersAsync();
        await Databases.ExecuteAsync(Options, act);

        (await VerifyAsync()).ShouldNotBeNull().ShouldStartWith(problem);
    }

    /// <summary>Entries go on all the same: an audit that stops the fleet would be the better attack.</summary>
    [Fact]
    public async Task A_removed_newest_entry_stops_nothing_and_stays_missed()
    {
        await AppendAsync(Asked());
        await AppendAsync(Asked());
        await DropTriggersAsync();
        await Databases.ExecuteAsync(Options, "delete from audit where id = 2");

        (await AppendAsync(Asked())).Id.ShouldBe(3);
        (await VerifyAsync()).ShouldBe("entry 2 is missing: entry 1 is followed by entry 3");
    }

    private protected abstract Task DropTriggersAsync();
}

public sealed class AuditOnPostgres(PostgresCluster cluster) : AuditContract(new PostgresDatabases(cluster))
{
    [Fact]
    public async Task Truncating_is_refused_as_well() =>
        (await Should.ThrowAsync<DbException>(() => Databases.ExecuteAsync(Options, "truncate audit"))).Message.ShouldContain("rows of audit are never ");

    private protected override Task DropTriggersAsync() => Databases.ExecuteAsync(Options, "drop trigger audit_is_append_only on audit");
}

public sealed class AuditOnSqlite() : AuditContract(new SqliteDatabases())
{
    private protected override Task DropTriggersAsync() =>
        Databases.ExecuteAsync(Options, "drop trigger audit_is_not_changed; drop trigger audit_is_not_removed");
}
