using HaGrpc.Contracts;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>fence: nothing is done before the operator has seen what hangs on the host and has said its name again.</summary>
public sealed class FenceCommandTests
{
    private const string Seen = """
        a owns:
          web (epoch 3): VIPs 10.0.0.100/24; programs db, http; could be taken over by b
        a has been silent for 0.900 s.

        """;

    [Fact]
    public async Task It_shows_what_the_host_owns_and_then_who_has_taken_it()
    {
        await using var plane = await StartAsync();

        var run = await plane.RunAsync("fence", "a", "--yes", "a", "--reason", "it hangs");

        run.ShouldBe(new(0, Seen + "It is switched off by fence_ipmilan (off).\nweb: taken over by b, epoch 4, took 0.031 s\n", ""));
        plane.Admin.Asked.ShouldBe<object>(
        [
            new FenceRequest { Host = "a", Reason = "it hangs", DryRun = true },
            new FenceRequest { Host = "a", Reason = "it hangs" },
        ]);
    }

    [Fact]
    public async Task An_operators_word_is_asked_for_with_what_it_risks()
    {
        await using var plane = await StartAsync();

        var run = await plane.RunAsync("fence", "a", "--confirm-off", "--yes", "a");

        run.Out.ShouldStartWith(Seen + "No device is asked: you say that a is off. If it is not, it goes on beside the new owners until its leases end,"
            + " with the same addresses and the same programs.\n");
        plane.Admin.Asked.Last().ShouldBe(new FenceRequest { Host = "a", Reason = "hactl fence by wu", ConfirmOff = true });
    }

    [Theory]
    [InlineData("", "hactl: fence must be confirmed: --yes a\n")]
    [InlineData("--yes b", "hactl: --yes b: must be the host again, a\n")]
    public async Task Without_the_name_again_nothing_is_done(string more, string error)
    {
        await using var plane = await StartAsync();

        var run = await plane.RunAsync(["fence", "a", .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        (run.Code, run.Error).ShouldBe((2, error));
        plane.Admin.Asked.ShouldAllBe(asked => ((FenceRequest)asked).DryRun);
    }

    [Theory]
    [InlineData("a\n", 0, "Type the name of the host to go on: ")]
    [InlineData("yes\n", 2, "Type the name of the host to go on: hactl: not confirmed: nothing was done to a\n")]
    [InlineData("", 2, "Type the name of the host to go on: hactl: not confirmed: nothing was done to a\n")]
    public async Task At_a_terminal_the_name_is_asked_for(string typed, int code, string error)
    {
        await using var plane = await StartAsync();

        var run = await plane.RunAnsweringAsync(typed, "fence", "a");

        (run.Code, run.Error).ShouldBe((code, error));
        plane.Admin.Asked.Count(asked => !((FenceRequest)asked).DryRun).ShouldBe(code == 0 ? 1 : 0);
    }

    [Fact]
    public async Task A_dry_run_only_shows_and_fails_when_the_device_could_not_be_asked()
    {
        await using var plane = await StartAsync();
        (await plane.RunAsync("fence", "a", "--dry-run")).ShouldBe(new(0, Seen + "It is switched off by fence_ipmilan (off).\n", ""));

        plane.Admin.OnFence = _ => new() { Device = "fence_x (off)", DeviceProblem = "there is no fence_x" };
        (await plane.RunAsync("fence", "a", "--dry-run")).ShouldBe(
            new(1, "a owns nothing.\na has not been heard.\nIt cannot be switched off by fence_x (off): there is no fence_x\n", ""));
        plane.Admin.OnFence = _ => new();
        (await plane.RunAsync("fence", "a", "--dry-run")).Out.ShouldEndWith("a has no fence device.\n");
    }

    [Fact]
    public async Task A_group_without_a_new_owner_is_told_with_the_reason()
    {
        await using var plane = await StartAsync();
        plane.Admin.OnFence = request => request.DryRun ? Owned() : new()
        {
            Groups = { new FencedGroup { Group = "web", Owner = "a", Epoch = 3, Detail = "no member can take over" } },
        };

        var run = await plane.RunAsync("fence", "a", "--yes", "a");

        run.Out.ShouldEndWith("web: a is confirmed off, and nobody has taken it over: no member can take over\n");
        run.Code.ShouldBe(1);
    }

    [Fact]
    public async Task As_json_it_is_one_document()
    {
        await using var plane = await StartAsync();

        var run = await plane.RunAsync("fence", "a", "--yes", "a", "-o", "json");

        run.Error.ShouldStartWith(Seen);
        run.Out.ShouldBe("""
            {
              "host": "a",
              "dry_run": false,
              "device": "fence_ipmilan (off)",
              "device_problem": "",
              "heard": false,
              "last_heartbeat_age_seconds": null,
              "groups": [
                {
                  "group": "web",
                  "vips": [],
                  "programs": [],
                  "candidates": [],
                  "owner": "b",
                  "epoch": 4,
                  "took_seconds": 0.031,
                  "detail": ""
                }
              ]
            }

            """);
    }

    private static async Task<FakeControlPlane> StartAsync()
    {
        var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnFence = request => request.DryRun ? Owned() : new()
        {
            Device = "fence_ipmilan (off)",
            Groups = { new FencedGroup { Group = "web", Owner = "b", Epoch = 4, Took = TimeSpan.FromMilliseconds(31).ToProto() } },
        };
        return plane;
    }

    private static FenceResponse Owned() => new()
    {
        Device = "fence_ipmilan (off)",
        LastHeartbeatAge = TimeSpan.FromMilliseconds(900).ToProto(),
        Groups = { new FencedGroup { Group = "web", Owner = "a", Epoch = 3, Vips = { "10.0.0.100/24" }, Programs = { "db", "http" }, Candidates = { "b" } } },
    };
}
