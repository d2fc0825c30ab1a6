using HaGrpc.Lab.Observation;

namespace HaGrpc.Lab.Tests;

public sealed class TakeoverStartsTests
{
    private const long Struck = 1_000_000_000;

    /// <summary>A lives until the strike, B from then on.</summary>
    private static readonly ProgramLife[] Orderly =
    [
        Life("A", "store", 11, 0.1, 1.2), Life("A", "http", 12, 0.2, 1.1),
        Life("B", "store", 21, 1.4), Life("B", "http", 22, 1.5),
    ];

    [Fact]
    public void An_orderly_takeover_has_none() => Breaches(Orderly).ShouldBeEmpty();

    [Fact]
    public void What_ran_on_the_new_owner_in_an_earlier_run_does_not_count() =>
        Breaches([.. Orderly, Life("B", "http", 5, 0.01, 0.02)]).ShouldBeEmpty();

    [Fact]
    public void A_child_of_a_program_is_none_of_the_set() =>
        Breaches([.. Orderly, Life("B", "leaf", 23, 1.6), Life("B", "leaf", 24, 1.7)]).ShouldBeEmpty();

    [Fact]
    public void A_second_start_on_the_new_owner_is_found() =>
        Breaches([.. Orderly, Life("B", "http", 20, 1.45, 1.451)])
            .ShouldBe(["http started 2 times on B: B http (22) [1.500000 .. now], B http (20) [1.450000 .. 1.451000]"]);

    [Fact]
    public void A_start_on_the_host_that_lost_the_group_is_found() =>
        Breaches([.. Orderly, Life("A", "store", 13, 1.21, 1.3)])
            .ShouldBe(["store started on a host that the group had left: A store (13) [1.210000 .. 1.300000]"]);

    [Fact]
    public void A_program_that_did_not_come_is_found() => Breaches(Orderly[..3]).ShouldBe(["http did not start on B"]);

    private static IReadOnlyList<string> Breaches(ProgramLife[] lives) => TakeoverStarts.Check(["store", "http"], lives, "B", Struck);

    private static ProgramLife Life(string host, string role, int pid, double from, double? to = null) =>
        new(host, role, pid, At(from), At(from), to is { } end ? At(end) : Interval.Open);

    private static long At(double seconds) => (long)(seconds * 1e9);
}
