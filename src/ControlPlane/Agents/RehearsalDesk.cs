using System.Collections.Concurrent;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Asks hosts to rehearse takeovers. Only they can tell: files, users and ports are a host's own.</summary>
internal sealed class RehearsalDesk(TimeProvider time)
{
    // A host waits 2 s for each thing that does not answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<(long Stream, long Id), TaskCompletionSource<Rehearsed>> _waiting = new();
    private long _lastId;

    /// <summary>What a host finds.</summary>
    /// <param name="stream">Its agent.</param>
    /// <param name="group">The group.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Without findings and with a problem when there is no answer, or none in time.</returns>
    public async Task<Rehearsed> RehearseAsync(AgentStream stream, string group, CancellationToken ct)
    {
        if (!stream.Rehearses)
            return new() { Problem = $"its agent, version {ForeignText.Visible(stream.AgentVersion, 50)}, does not rehearse yet" };
        var asked = new RehearsalAsked { Id = Interlocked.Increment(ref _lastId), Group = group };
        var answer = new TaskCompletionSource<Rehearsed>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[(stream.Id, asked.Id)] = answer;
        try
        {
            stream.Tell(new() { RehearsalAsked = asked });
            var first = await Task.WhenAny(answer.Task, stream.Ended).WaitAsync(Patience, time, ct);
            return first == answer.Task ? await answer.Task : new() { Problem = "its agent disconnected before it answered" };
        }
        catch (TimeoutException)
        {
            return new() { Problem = $"its agent did not answer within {Patience.TotalSeconds:F0} s" };
        }
        finally
        {
            _ = _waiting.TryRemove((stream.Id, asked.Id), out _);
        }
    }

    /// <summary>Takes an answer.</summary>
    public void Answer(AgentStream stream, Rehearsed rehearsed)
    {
        if (_waiting.TryGetValue((stream.Id, rehearsed.Id), out var answer))
            _ = answer.TrySetResult(rehearsed);
    }
}
