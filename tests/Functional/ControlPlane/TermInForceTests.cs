using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Model;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Rule S3: what a leadership says of itself at its end.</summary>
public sealed class TermInForceTests
{
    /// <summary>At shutdown the ownership loop may look once more after the leadership was put away.</summary>
    [Fact]
    public void An_ended_term_can_be_asked_after_it_was_disposed()
    {
        var term = new TermInForce(7, BootInstant.Zero, BootInstant.Never);
        term.End("it is shutting down");
        term.Dispose();
        term.Ended.IsCancellationRequested.ShouldBeTrue();
        term.HasEnded.ShouldBeTrue();
        term.EndedError().Status.Detail.ShouldContain("it is shutting down");
    }
}
