using System.Globalization;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Ownership;
using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Storage.Tests;

public abstract class OwnershipContract : StoreContract
{
    private protected OwnershipContract(TestDatabases databases)
        : base(databases)
    {
    }

    [Fact]
    public async Task A_promotion_commits_owner_epoch_reason_view_and_event_together()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        var view = new View(2, ["b"], TimeSpan.FromMinutes(10));

        var write = await Store.Ownership.PromoteAsync(
            Promote("g", 0, "a", term) with { View = view, Reason = "operator asked", Actor = "eve" });

        write.ShouldBe(new(OwnershipOutcome.Committed, ""));
        var now = (await Store.Ownership.SettleAsync("g", term)).ShouldNotBeNull();
        (now.Owner, now.Epoch, now.Term, now.ChangedAt, now.Reason, now.MovedBy)
            .ShouldBe(("a", 1L, term, Clock.GetUtcNow(), "operator asked", "eve"));
        now.Views.Select(v => (v.View.Version, v.Epoch)).ShouldBe([(1L, 0L), (2L, 1L)]);
        now.Views[1].View.ShouldHaveTheContentOf(view);
        (await Store.Events.ReadNewestAsync(new() { Group = "g" }, 1)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe("OwnerPromoted"),
            e => (e.Host, e.Epoch, e.Actor).ShouldBe(("a", 1L, "eve")),
            e => e.Steps.ShouldBe([new("suspect", TimeSpan.Zero, TimeSpan.FromMilliseconds(1501))]));
    }

    [Fact]
    public async Task Under_contention_one_wins_each_epoch_and_no_epoch_comes_twice()
    {
        const int Rounds = 10;
        const int Contenders = 6;
        await RegisterAsync("g");
        var term = await LeadAsync();

        for (var epoch = 0; epoch < Rounds; epoch++)
        {
            var expected = epoch;
            var writes = await Task.WhenAll(Enumerable.Range(0, Contenders).Select(i => Task.Run(
                () => Store.Ownership.PromoteAsync(Promote("g", expected, i % 2 == 0 ? "a" : "b", term)))));
            writes.Where(w => w.Outcome == OwnershipOutcome.Unknown).ShouldBeEmpty();
            writes.Count(w => w.Outcome == OwnershipOutcome.Committed).ShouldBe(1);
        }

        (await Store.Ownership.ReadAsync("g"))!.Epoch.ShouldBe(Rounds);
        var promoted = (await Store.Events.ReadNewestAsync(new() { Group = "g" }, 1000)).Where(e => e.Kind == "OwnerPromoted");
        promoted.Select(e => e.Epoch).ShouldBe(Enumerable.Range(1, Rounds).Select(e => (long)e));
    }

    [Fact]
    public async Task A_lost_promotion_leaves_nothing_and_says_why()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        await Store.Ownership.PromoteAsync(Promote("g", 0, "a", term));

        var late = await Store.Ownership.PromoteAsync(Promote("g", 0, "b", term));
        var future = await Store.Ownership.PromoteAsync(Promote("g", 5, "b", term));
        var unknown = await Store.Ownership.PromoteAsync(Promote("x", 0, "b", term));
        var oldView = await Store.Ownership.PromoteAsync(Promote("g", 1, "b", term) with { View = new(1, ["a"], null) });

        late.ShouldBe(new(OwnershipOutcome.Lost, "group 'g' is at epoch 1, expected was 0"));
        future.ShouldBe(new(OwnershipOutcome.Lost, "group 'g' is at epoch 1, expected was 5"));
        unknown.ShouldBe(new(OwnershipOutcome.Lost, "there is no group 'x'"));
        oldView.ShouldBe(new(OwnershipOutcome.Lost, "view 1 of group 'g' is not newer than its view 1"));
        (await Store.Ownership.ReadAsync("g"))!.ToCore().ShouldBe(new("g", "a", 1));
        (await Store.Events.ReadNewestAsync(new() { Group = "g" }, 100)).Count(e => e.Kind == "OwnerPromoted").ShouldBe(1);
    }

    /// <summary>S4: after a restore an epoch is given that is above all that may have been given.</summary>
    [Fact]
    public async Task An_epoch_may_be_much_higher_and_never_lower()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        await Store.Ownership.PromoteAsync(Promote("g", 0, "a", term));
        (await Store.Ownership.PromoteAsync(Promote("g", 1, "b", term) with { Epoch = 1_000_000 })).Outcome.ShouldBe(OwnershipOutcome.Committed);
        (await Store.Ownership.ReadAsync("g"))!.ToCore().ShouldBe(new("g", "b", 1_000_000));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Store.Ownership.PromoteAsync(Promote("g", 1_000_000, "a", term) with { Epoch = 7 }));
    }

    /// <summary>S4: a restored backup may know a group as one that nobody owns, although somebody did.</summary>
    [Fact]
    public async Task What_is_handed_over_after_a_restore_begins_above_all_that_may_have_been_given()
    {
        await RegisterAsync("seen", "g");
        var term = await LeadAsync();
        await Store.Ownership.PromoteAsync(Promote("g", 0, "a", term) with { Epoch = 1_000_000 });

        var revision = (await Store.Registry.ReadAsync()).ConfigurationRevision;
        var write = await Store.Registry.HandOverAsync(new(), new("seen", "b", term, "it runs there", "eve"), revision, "eve");

        write.Outcome.ShouldBe(RegistryOutcome.Applied);
        var now = (await Store.Ownership.ReadAsync("seen")).ShouldNotBeNull();
        (now.Owner, now.Epoch, now.EndedAt).ShouldBe(("b", 1_000_001L, null));
    }

    [Fact]
    public async Task A_term_that_is_over_writes_nothing_about_owners()
    {
        await RegisterAsync("g");
        var old = await LeadAsync();
        await LeadAsync("cp-2");

        (await Store.Ownership.PromoteAsync(Promote("g", 0, "a", old))).Outcome.ShouldBe(OwnershipOutcome.Lost);
        (await Store.Ownership.WriteViewAsync("g", new(2, ["b"], null), old)).Outcome.ShouldBe(OwnershipOutcome.Lost);
        (await Store.Ownership.ConfirmViewAsync("g", 1, old)).Detail.ShouldContain($"term {old} is over");

        var now = (await Store.Ownership.ReadAsync("g")).ShouldNotBeNull();
        (now.Epoch, now.Views.Length, now.ConfirmedView).ShouldBe((0L, 1, 0L));
    }

    [Fact]
    public async Task A_released_term_writes_nothing_about_owners()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        await Store.Leadership.ReleaseAsync(term);

        (await Store.Ownership.PromoteAsync(Promote("g", 0, "a", term))).Outcome.ShouldBe(OwnershipOutcome.Lost);
    }

    [Fact]
    public async Task Views_rise_across_epochs_and_writing_the_newest_again_is_no_loss()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        var second = new View(2, ["b"], TimeSpan.FromSeconds(1.5));

        (await Store.Ownership.WriteViewAsync("g", second, term)).Outcome.ShouldBe(OwnershipOutcome.Committed);
        (await Store.Ownership.PromoteAsync(Promote("g", 0, "a", term))).Outcome.ShouldBe(OwnershipOutcome.Committed);

        (await Store.Ownership.WriteViewAsync("g", second, term)).Outcome.ShouldBe(OwnershipOutcome.Committed);
        (await Store.Ownership.WriteViewAsync("g", second with { Members = [] }, term)).Outcome.ShouldBe(OwnershipOutcome.Lost);
        (await Store.Ownership.WriteViewAsync("g", second with { Version = 1 }, term)).Outcome.ShouldBe(OwnershipOutcome.Lost);
        (await Store.Ownership.WriteViewAsync("x", second, term)).Outcome.ShouldBe(OwnershipOutcome.Lost);
        (await Store.Ownership.WriteViewAsync("g", second with { Version = 5 }, term)).Outcome.ShouldBe(OwnershipOutcome.Committed);
        (await Store.Ownership.ReadAsync("g"))!.Views.Select(v => (v.View.Version, v.Epoch))
            .ShouldBe([(1L, 0L), (2L, 0L), (5L, 1L)]);
    }

    /// <summary>C6: the attempt is still on its way while its outcome is read back as "not there".</summary>
    [Fact]
    public async Task A_promotion_that_arrives_after_its_outcome_was_settled_is_lost()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();

        var settled = (await Store.Ownership.SettleAsync("g", term)).ShouldNotBeNull();
        var late = await Store.Ownership.PromoteAsync(Promote("g", 0, "a", term));
        var next = await Store.Ownership.PromoteAsync(Promote("g", 0, "b", term, settled.Attempt));

        (settled.Epoch, settled.Attempt).ShouldBe((0L, 1L));
        late.ShouldBe(new(
            OwnershipOutcome.Lost, "group 'g' is at attempt 1, expected was 0"));
        next.Outcome.ShouldBe(OwnershipOutcome.Committed);
        (await Store.Ownership.ReadAsync("g"))!.Owner.ShouldBe("b");
    }

    [Fact]
    public async Task Nobody_settles_under_a_term_that_is_over()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        await LeadAsync("cp-2");

        (await Store.Ownership.SettleAsync("g", term)).ShouldBeNull();
    }

    [Fact]
    public async Task A_confirmation_forgets_earlier_views_and_lower_ones_are_ignored()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        for (var version = 2; version <= 4; version++)
            await Store.Ownership.WriteViewAsync("g", new(version, ["b"], TimeSpan.FromSeconds(version)), term);

        (await Store.Ownership.ConfirmViewAsync("g", 3, term)).Outcome.ShouldBe(OwnershipOutcome.Committed);
        (await Store.Ownership.ConfirmViewAsync("g", 2, term)).Outcome.ShouldBe(OwnershipOutcome.Committed);
        (await Store.Ownership.ConfirmViewAsync("g", 9, term)).ShouldBe(new(OwnershipOutcome.Lost, "group 'g' has no view 9"));

        var now = (await Store.Ownership.ReadAsync("g")).ShouldNotBeNull();
        now.ConfirmedView.ShouldBe(3);
        now.Views.Select(v => v.View.Version).ShouldBe([3L, 4L]);
        now.Views[0].ConfirmedAt.ShouldBe(Clock.GetUtcNow());
        (await Store.Ownership.WriteViewAsync("g", new(4, [], null), term)).Outcome.ShouldBe(OwnershipOutcome.Lost);
    }

    [Fact]
    public async Task Groups_are_written_independently()
    {
        string[] groups = [.. Enumerable.Range(0, 12).Select(i => string.Create(CultureInfo.InvariantCulture, $"g{i:D2}"))];
        await RegisterAsync(groups);
        var term = await LeadAsync();

        var writes = await Task.WhenAll(groups.Select(g => Task.Run(() => Store.Ownership.PromoteAsync(Promote(g, 0, "a", term)))));

        writes.ShouldAllBe(w => w.Outcome == OwnershipOutcome.Committed);
        (await Store.Ownership.ReadAsync()).Select(o => (o.Group, o.Epoch)).ShouldBe(groups.Select(g => (g, 1L)));
    }

    [Fact]
    public async Task A_cancelled_promotion_throws_and_wrote_nothing()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();

        await Should.ThrowAsync<OperationCanceledException>(
            () => Store.Ownership.PromoteAsync(Promote("g", 0, "a", term), new CancellationToken(canceled: true)));

        (await Store.Ownership.SettleAsync("g", term))!.Epoch.ShouldBe(0);
    }
}

public sealed class OwnershipOnPostgres(PostgresCluster cluster) : OwnershipContract(new PostgresDatabases(cluster));

public sealed class OwnershipOnSqlite() : OwnershipContract(new SqliteDatabases());
