using HaGrpc.Core.Events;

namespace HaGrpc.Core.Tests.Events;

public sealed class EventKindsTests
{
    [Fact]
    public void Each_has_a_name_and_a_meaning_of_its_own()
    {
        EventKinds.All.Select(kind => kind.Name).ShouldBeUnique();
        EventKinds.All.Select(kind => kind.Meaning).ShouldBeUnique();
        EventKinds.All.ShouldAllBe(kind => kind.Name.Length <= 24 && kind.Meaning.Length > 0 && !kind.Meaning.EndsWith('.'));
    }

    [Theory]
    [InlineData("HostLost", null)]
    [InlineData("HostLots", "there is no such kind of events; did you mean HostLost?")]
    [InlineData("hostlost", "there is no such kind of events; did you mean HostLost?")]
    [InlineData("Meteor", "there is no such kind of events: docs/reference/events.md has them all")]
    [InlineData("", "there is no such kind of events: docs/reference/events.md has them all")]
    public void A_name_that_is_none_gets_the_nearest(string name, string? problem) => EventKinds.Problem(name).ShouldBe(problem);

    [Fact]
    public void A_kind_may_belong_to_both_stories()
    {
        EventKinds.Of(Story.OfGroup).ShouldContain("GateRestored");
        EventKinds.Of(Story.OfOwner).ShouldContain("GateRestored");
        EventKinds.Of(Story.OfReturn).ShouldBe(["HostReturned", "AgentStarted"]);
        // A filter takes no more.
        EventKinds.Of(Story.OfGroup).Length.ShouldBeLessThanOrEqualTo(50);
    }
}
