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

    [Fact]
    public async Task What_had_become_readable_before_a_descriptor_was_closed_is_not_told_to_the_next_of_its_number()
    {
        using var thread = new EventThread("programs");
        var called = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        thread.Post(() =>
        {
            var (first, second) = (new Pair(), new Pair());
            var wrong = 0;
            // Whichever is told first closes both, and the other's number goes to one on which nothing ever comes.
            foreach (var pair in (Pair[])[first, second])
            {
                thread.Watch(pair.Mine, () =>
                {
                    thread.Unwatch(first.Mine);
                    thread.Unwatch(second.Mine);
                    first.Dispose();
                    second.Dispose();
                    Pair[] later = [new Pair(), new Pair()];
                    foreach (var next in later)
                        thread.Watch(next.Mine, () => wrong++);
                    // Behind everything that this wait has brought.
                    thread.Post(() =>
                    {
                        foreach (var next in later)
                        {
                            thread.Unwatch(next.Mine);
                            next.Dispose();
                        }
                        called.SetResult(wrong);
                    });
                });
            }
            first.Say();
            second.Say();
        });
        (await called.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).ShouldBe(0);
    }

    private sealed class Pair : IDisposable
    {
        private readonly System.Net.Sockets.Socket _mine = New(), _other = New();

        public Pair()
        {
            _mine.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint($"\0ha-pair-{Guid.NewGuid():N}"));
            _other.Connect(_mine.LocalEndPoint!);
        }

        public int Mine => (int)_mine.Handle;

        public void Say() => _other.Send([1]);

        public void Dispose()
        {
            _mine.Dispose();
            _other.Dispose();
        }

        private static System.Net.Sockets.Socket New() =>
            new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Unspecified);
    }
}
