using System.Globalization;

namespace HaGrpc.Lab.Tests;

// One class, so one lab at a time: they share the machine's cores.
[Trait("Category", "Lab")]
public sealed class ScenarioTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Observers_find_double_owners_and_pass_an_orderly_move() => await Passes(1, "itself");

    [Fact]
    public async Task The_pair_to_compare_with_comes_up()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/keepalived") && File.Exists("/usr/bin/supervisord"), "keepalived and supervisor are not installed");
        await Passes(1, "keepalived-itself");
    }

    [Theory]
    [InlineData("link-cut", "default", 2)]
    [InlineData("link-cut", "fast", 1)]
    [InlineData("silent-drop", "default", 1)]
    [InlineData("one-way-cut", "default", 1)]
    [InlineData("agent-kill", "default", 2)]
    [InlineData("agent-freeze", "default", 2)]
    [InlineData("agent-stop", "default", 1)]
    public async Task A_lost_owner_is_replaced_and_never_doubled(string scenario, string profile, int runs) =>
        await Passes(runs, "run", scenario, "--profile", profile);

    [Theory]
    [InlineData("agent-kill-restart", "default", 2)]
    [InlineData("backup-kill-restart", "default", 1)]
    [InlineData("plane-kill-restart", "default", 1)]
    [InlineData("plane-kill-restart", "fast", 1)]
    [InlineData("plane-loss", "default", 1)]
    [InlineData("plane-loss", "fast", 1)]
    [InlineData("owner-plane-cut", "default", 1)]
    [InlineData("backup-plane-cut", "default", 1)]
    [InlineData("peer-cut", "default", 1)]
    [InlineData("backup-link-cut", "fast", 1)]
    public async Task What_no_owner_needs_is_missed_by_nobody(string scenario, string profile, int runs) =>
        await Passes(runs, "run", scenario, "--profile", profile);

    // Together, because three control planes and two databases take a while to start.
    [Fact]
    public async Task Leaders_and_databases_are_replaced_and_cost_no_service() =>
        Check(await LabRun.Of("run", "leader-kill", "primary-promotion", "owner-and-leader-kill"), 3);

    [Fact]
    public async Task An_operator_moves_the_group_there_and_back() => await Passes(2, "run", "switchover");

    [Theory]
    [InlineData("hanging-hook-switchover")]
    [InlineData("hanging-hook-cut")]
    public async Task Nothing_waits_for_a_hook(string scenario) => await Passes(1, "run", scenario);

    [Fact]
    public async Task A_host_without_its_gateway_gives_the_group_to_one_that_has_it() => await Passes(2, "run", "gateway-lost");

    [Fact]
    public async Task What_keepalived_and_supervisord_run_is_taken_over_without_a_stop()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/keepalived") && File.Exists("/usr/bin/supervisord"), "keepalived and supervisor are not installed");
        await Passes(1, "adoption");
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("delete-agent-killed")]
    public async Task A_deleted_group_leaves_nothing_and_comes_back_under_a_later_epoch(string scenario) => await Passes(1, "run", scenario);

    [Fact]
    public async Task An_operator_empties_a_host() => await Passes(1, "run", "drain");

    [Fact]
    public async Task An_older_database_takes_no_owner_away() => await Passes(1, "run", "older-database");

    [Theory]
    [InlineData("vip-removed")]
    [InlineData("ruleset-flushed")]
    public async Task What_somebody_takes_from_the_owner_is_back_at_once(string scenario) => await Passes(1, "run", scenario);

    [Fact]
    public async Task A_client_leaves_the_wrong_host_when_a_split_is_healed() => await Passes(1, "run", "split-healed");

    [Theory]
    [InlineData("duplicate")]
    [InlineData("duplicate6")]
    public async Task A_silent_host_that_has_the_vip_as_well_is_named(string scenario) => await Passes(1, "run", scenario);

    [Fact]
    public async Task Ten_idle_programs_have_a_shim_each() => await Passes(1, "run", "memory");

    private async Task Passes(int runs, params string[] arguments)
    {
        string[] repeated = arguments[0] == "run" ? [.. arguments, "--runs", runs.ToString(CultureInfo.InvariantCulture)] : arguments;
        Check(await LabRun.Of(repeated), runs);
    }

    private void Check(LabRun run, int runs)
    {
        output.WriteLine(run.Output);
        run.Broken.ShouldBeEmpty(run.Output);
        run.ExitCode.ShouldBe(0, run.Output);
        run.Runs.ShouldBe(runs, run.Output);
    }
}
