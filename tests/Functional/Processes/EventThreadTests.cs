using HaGrpc.Linux.Processes;

namespace HaGrpc.Functional.Tests.Processes;

/// <summary>The thread of the agent's programs ends whenever it is told to.</summary>
public sealed class EventThreadTests
{
    [Fact]
    public async Task It_ends_while_it_is_woken_for_something_else()
    {
        // Nothing holds the thread between its waking and its looking around: only many tries meet that instant.
        for (var round = 0; round < 1000; round++)
        {
            var thread = new EventThread("programs");
            var goes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var ended = Task.Run(() =>
            {
                goes.Task.Wait();
                thread.Dispose();
            }, TestContext.Current.CancellationToken);
            goes.SetResult();
            thread.Post(() => { });
            await ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }
    }
}
