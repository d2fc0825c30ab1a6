using System.Collections.Concurrent;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Asks hosts what they see of a group that somebody else runs.</summary>
internal sealed class ObservationDesk(TimeProvider time)
{
    // A host waits 2 s for each thing that does not answer, several at the same time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<(long Stream, long Id), TaskCompletionSource<Observed>> _waiting = new();
    private long _lastId;

    /// <summary>What a host sees.</summary>
    /// <param name="stream">Its agent; null when it is not connected.</param>
    /// <param name="group">The group.</param>
    /// <param name="preflight">Also what a hand-over needs of it.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>With a problem when there is no answer, or none in time.</returns>
    public async Task<Observed> AskAsync(AgentStream? stream, string group, bool preflight, CancellationToken ct)
    {
        if (stream is null)
            return new() { Problem = "its agent is not connected" };
        if (!stream.Observes)
            return new() { Problem = $"its agent, version {RehearsalDesk.VersionOf(stream)}, does not observe yet" };
        var asked = new ObservationAsked { Id = Interlocked.Increment(ref _lastId), Group = group, Preflight = preflight };
        var answer = new TaskCompletionSource<Observed>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[(stream.Id, asked.Id)] = answer;
        try
        {
            stream.Tell(new() { ObservationAsked = asked });
            var first = await Task.WhenAny(answer.Task, stream.Ended).WaitAsync(Patience, time, ct);
            return first == answer.Task ? Visible(await answer.Task) : new() { Problem = "its agent disconnected before it answered" };
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
    public void Answer(AgentStream stream, Observed observed)
    {
        if (_waiting.TryGetValue((stream.Id, observed.Id), out var answer))
            _ = answer.TrySetResult(observed);
    }

    // Names and arguments of processes are anybody's to choose.
    private static Observed Visible(Observed said)
    {
        const int Most = 500;
        var seen = said.Clone();
        seen.Problem = ForeignText.Visible(seen.Problem, Most);
        seen.TimeZone = ForeignText.Visible(seen.TimeZone, Most);
        foreach (var program in seen.Programs)
        {
            program.Problem = ForeignText.Visible(program.Problem, Most);
            foreach (var process in program.Processes)
            {
                (process.Command, process.Parent, process.User) = (
                    ForeignText.Visible(process.Command, Most), ForeignText.Visible(process.Parent, Most), ForeignText.Visible(process.User, Most));
            }
        }
        foreach (var address in seen.Addresses)
            address.FoundOn = ForeignText.Visible(address.FoundOn, Most);
        foreach (var rival in seen.Rivals)
            (rival.Name, rival.Advice) = (ForeignText.Visible(rival.Name, Most), ForeignText.Visible(rival.Advice, Most));
        for (var i = 0; i < seen.Findings.Count; i++)
            seen.Findings[i] = ForeignFinding.Visible(seen.Findings[i]);
        return seen;
    }
}
