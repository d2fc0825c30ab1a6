using HaGrpc.Core.Ownership;
using HaGrpc.Core.Replicas;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rules S3 and S4: how far a challenger believes the leadership row of a database that may lack something.</summary>
public sealed class SuccessionTests
{
    private static readonly LeadershipSeen Held = new(7, "cp-1", 40);
    private static readonly LeadershipSeen Released = new(7, "", 41);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void The_row_is_believed_in_the_database_where_it_was_taken_and_by_whom_it_names(bool isOther, bool ledUntilNow)
    {
        Succession.Judge(Held, isOther, ledUntilNow, holderIsOver: true).ShouldBe((Held, true));
        Succession.Judge(Held, isOther, ledUntilNow, holderIsOver: false).ShouldBe((Held, false));
        Succession.Judge(Released, isOther, ledUntilNow, holderIsOver: false).ShouldBe((Released, false));
    }

    [Fact]
    public void In_another_database_neither_a_dead_holder_nor_a_release_lets_anybody_take_it_at_once()
    {
        Succession.Judge(Held, isOtherDatabase: true, ledUntilNow: false, holderIsOver: true).ShouldBe((Held, false));

        var (row, isOver) = Succession.Judge(Released, isOtherDatabase: true, ledUntilNow: false, holderIsOver: false);
        var verdict = new LeadershipChallenge(LeadershipTerms.Default).Judge(row, isOver, default);

        verdict.Take.ShouldBeFalse("a leader of a later term may still act, whom this database never knew");
        (row.Term, row.Counter).ShouldBe((7, 41), "it is taken by compare-and-swap on what stands there");
    }
}
