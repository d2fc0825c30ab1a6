using Google.Protobuf.WellKnownTypes;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>lock, unlock and locks.</summary>
public sealed class LockCommandTests
{
    private static readonly OperatorLock OfHost = new()
    {
        Target = new() { Scope = LockScope.Host, Name = "a" },
        LockedBy = "CN=eve",
        LockedAt = At(9),
        ExpiresAt = At(11),
        Reason = "new switch",
    };

    private static readonly OperatorLock OfAll = new() { Target = new() { Scope = LockScope.Everything }, LockedBy = "CN=bob", LockedAt = At(8) };

    [Fact]
    public async Task What_is_meant_and_for_how_long_is_asked_for()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnLock = _ => new() { Lock = OfHost };
        (await plane.RunAsync("lock", "--host", "a", "--for", "1h30m", "--reason", "new switch")).Out
            .ShouldBe("host a: locked by eve until 2026-11-23 11:00:00\n");
        plane.Admin.OnLock = _ => new() { Lock = OfAll };
        (await plane.RunAsync("lock", "--all")).Out.ShouldBe("everything: locked by bob, until it is unlocked\n");
        (await plane.RunAsync("lock", "web", "-o", "json")).Out.ShouldBe("""
            {
              "scope": "everything",
              "name": null,
              "by": "CN=bob",
              "since": "2026-11-23T08:00:00.000000Z",
              "until": null,
              "reason": ""
            }

            """);
        plane.Admin.Asked.ShouldBe<object>([
            new LockRequest
            {
                Target = new() { Scope = LockScope.Host, Name = "a" },
                Reason = "new switch",
                Duration = TimeSpan.FromMinutes(90).ToDuration(),
            },
            new LockRequest { Target = new() { Scope = LockScope.Everything }, Reason = "hactl lock by wu" },
            new LockRequest { Target = new() { Scope = LockScope.Group, Name = "web" }, Reason = "hactl lock by wu" }]);
    }

    [Theory]
    [InlineData("lock")]
    [InlineData("lock", "web", "--all")]
    [InlineData("lock", "web", "--host", "a")]
    [InlineData("unlock", "--host", "a", "--all")]
    public async Task Exactly_one_thing_must_be_meant(params string[] arguments)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        (await plane.RunAsync(arguments)).ShouldBe(new(2, "", "hactl: exactly one of GROUP, --host HOST and --all must be given\n"));
        plane.Admin.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("10")]
    [InlineData("0s")]
    [InlineData("9000h")]
    public async Task A_time_that_is_none_is_refused(string time)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await plane.RunAsync("lock", "web", "--for", time);
        run.Error.ShouldStartWith($"hactl: --for {time}: must be a time with units from 1s to 8784h, such as 30m or 2h\n");
        run.Code.ShouldBe(2);
        plane.Admin.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unlock_tells_what_was_held()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnUnlock = _ => new() { Lock = OfHost };
        plane.Admin.OnEvents = _ => new()
        {
            Events = { new Event { Id = 7, At = At(10), Kind = "MoveHeld", Group = "web", Host = "a", Epoch = 3, Message = "so it does not move to b" } },
        };
        (await plane.RunAsync("unlock", "--host", "a", "--force")).Out.ShouldBe("""
            host a: may move again
            Held meanwhile:
            2026-11-23 10:00:00.000  MoveHeld              web                   a           so it does not move to b [epoch 3]

            """);
        plane.Admin.OnUnlock = _ => new();
        (await plane.RunAsync("unlock", "web")).Out.ShouldBe("group web: was not locked\n");
        plane.Admin.Asked.ShouldBe<object>([
            new UnlockRequest { Target = new() { Scope = LockScope.Host, Name = "a" }, Reason = "hactl unlock by wu", Force = true },
            new ListEventsRequest { Filter = new() { Kinds = { "MoveHeld" }, AllowUnknownKinds = true, Since = At(9) }, Limit = 1000 },
            new UnlockRequest { Target = new() { Scope = LockScope.Group, Name = "web" }, Reason = "hactl unlock by wu" }]);
    }

    [Fact]
    public async Task All_locks_are_a_table()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnLocks = _ => new() { Locks = { OfAll, OfHost } };
        (await plane.RunAsync("locks")).Out.ShouldBe("""
            LOCKED      BY   SINCE                UNTIL                REASON
            everything  bob  2026-11-23 08:00:00  unlocked             -
            host a      eve  2026-11-23 09:00:00  2026-11-23 11:00:00  new switch

            """);
    }

    private static Timestamp At(int hour) => new DateTimeOffset(2026, 11, 23, hour, 0, 0, TimeSpan.Zero).ToTimestamp();
}
