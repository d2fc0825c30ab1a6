using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Model;
using HaGrpc.Functional.Tests.ControlPlane.Parts;

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

    /// <summary>The pool's threads are late when there is much to do, which is when leaderships are lost.</summary>
    [Fact]
    public async Task Its_end_is_told_to_everybody_also_when_it_is_put_away_at_once()
    {
        var told = Enumerable.Range(0, 200).Select(_ =>
        {
            var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var term = new TermInForce(7, BootInstant.Zero, BootInstant.Never);
            term.Ended.Register(heard.SetResult);
            term.End("another control plane has taken the leadership");
            term.Dispose();
            return heard.Task;
        }).ToArray();

        await Task.WhenAll(told).WaitAsync(Until.Bound, TestContext.Current.CancellationToken);
    }
}
