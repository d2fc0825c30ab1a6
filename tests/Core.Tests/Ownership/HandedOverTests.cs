using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rule C7: a group that was handed over as it ran, and whose owner has got no lease under the epoch of the hand-over yet.</summary>
public sealed class HandedOverTests
{
    private readonly EngineBench _bench = new();

    [Fact]
    public void The_next_epoch_is_the_hand_overs_when_its_owner_is_heard()
    {
        var promotion = NextEpoch(lastHeard: 9_980);
        (promotion.Owner, promotion.Epoch, promotion.Reason).ShouldBe(("a", 2, "it was handed over as it ran on a"));
    }

    private CommitPromotion NextEpoch(long lastHeard)
    {
        _bench.Attach();
        _bench.Beat("b", lastHeard);
        _bench.Beat("a", lastHeard);
        var group = TestGroup.Pair("web");
        _bench.Handle(10_000, new GroupsLoaded([new StoredGroup(group, new("web", "a", 1) { IsOfThisLeader = true }, 0, [])])
        {
            Locks = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty.Add("web", "handed over on a"),
        });
        var effects = _bench.Effects.ToList();
        for (var at = 10_050L; at < 12_000 && !effects.OfType<CommitPromotion>().Any(); at += 50)
        {
            _bench.Beat(at % 100 == 0 ? "a" : "b", at);
            effects.AddRange(_bench.Effects);
        }
        return effects.OfType<CommitPromotion>().ShouldHaveSingleItem();
    }
}
