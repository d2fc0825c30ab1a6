using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class OrderValidationTests
{
    [Fact]
    public void A_cycle_is_refused_once_and_shown()
    {
        var set = Sample.Set() with { Programs = [Of("a", 1, "b"), Of("b", 1, "c"), Of("c", 1, "a", "d"), Of("d", 1)] };
        Sample.Errors(set).ShouldBe(["programs[0].after: b: waits for itself: a -> b -> c -> a"]);
        Sample.Errors(Sample.Set(program: Of("a", 1, "a"))).ShouldBe(["programs[0].after: a: waits for itself: a -> a"]);
    }

    [Fact]
    public void A_cycle_over_stored_programs_is_found_and_a_request_can_break_one()
    {
        var stored = Sample.Set() with { Programs = [.. ProgramExpansion.Of(Of("a", 1, "b") with { NumProcs = 2, ProcessName = "a%(process_num)d" })] };
        Sample.Errors(Sample.Set(program: Of("b", 1, "a")), stored).ShouldBe(["programs[0].after: a: waits for itself: b -> a -> b"]);
        Sample.Errors(Sample.Set() with { Programs = [Of("b", 1, "a"), Of("a", 1)] }, stored).ShouldBeEmpty();
    }

    [Fact]
    public void Who_is_waited_for_exists_and_does_not_start_later()
    {
        var set = Sample.Set() with { Programs = [Of("app", 100, "database", "web", "ap"), Of("databases", 1), Of("web", 101)] };
        Sample.Errors(set).ShouldBe([
            "programs[0].after[0]: database: unknown program of group web; did you mean databases?",
            "programs[0].after[1]: web: web starts later by its priority 101; give it 100 or less, or app a higher one than 100",
            "programs[0].after[2]: ap: unknown program of group web",
        ]);
        // Without knowing what is stored a name may exist.
        Sample.Errors(Sample.Set(program: Of("app", 1, "db")), ModelSet.Empty with { Programs = default }).ShouldBeEmpty();
    }

    [Fact]
    public void What_runs_everywhere_and_what_the_owner_runs_do_not_wait_for_each_other()
    {
        var set = Sample.Set() with { Programs = [Of("app", 1, "pool"), Of("pool", 1, "log") with { RunOn = RunOn.All }, Of("log", 1)] };
        Sample.Errors(set).ShouldBe([
            "programs[0].after[0]: pool: pool runs on all members at any time, app only with its group: neither can wait for the other",
            "programs[1].after[0]: log: pool runs on all members at any time, log only with its group: neither can wait for the other",
        ]);
    }

    private static Program Of(string name, int priority, params string[] after) =>
        new() { Name = new("web", name), Command = "/bin/x", Priority = priority, After = [.. after] };
}
