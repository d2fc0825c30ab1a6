using System.Collections.Concurrent;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Asks hosts to rehearse takeovers. Only they can tell: files, users and ports are a host's own.</summary>
internal sealed class RehearsalDesk(TimeProvider time)
{
    // A host waits 2 s for each thing that does not answer, and 10 s for its directories. Both after each other are less than hactl waits.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15), OwnersPatience = TimeSpan.FromSeconds(12);

    private readonly ConcurrentDictionary<(long Stream, long Id), TaskCompletionSource<Rehearsed>> _waiting = new();
    private long _lastId;

    /// <summary>What a host finds.</summary>
    /// <param name="stream">Its agent.</param>
    /// <param name="group">The group.</param>
    /// <param name="owner">What the owner has in the group's directories; null when it has none, or the host cannot compare.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Without findings and with a problem when there is no answer, or none in time.</returns>
    public async Task<Rehearsed> RehearseAsync(AgentStream stream, string group, OwnersDirectories? owner, CancellationToken ct) => stream.Rehearses
        ? await AskAsync(stream, new RehearsalAsked { Group = group, Owner = owner }, Patience, ct)
        : new() { Problem = $"its agent, version {VersionOf(stream)}, does not rehearse yet" };

    /// <summary>What the owner of a group has in the group's directories.</summary>
    /// <param name="stream">Its agent; null when it is not connected.</param>
    /// <param name="owner">Its name; null when there is none.</param>
    /// <param name="group">The group.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>With a problem when there is no answer, or none in time.</returns>
    public async Task<OwnersDirectories> LookAsync(AgentStream? stream, string? owner, string group, CancellationToken ct)
    {
        var answer = new OwnersDirectories { Group = group, Host = owner ?? "" };
        if (owner is null)
        {
            answer.Problem = "nobody owns the group";
        }
        else if (stream is null)
        {
            answer.Problem = $"the agent of {owner} is not connected";
        }
        else if (!stream.ComparesDirectories)
        {
            answer.Problem = $"the agent of {owner}, version {VersionOf(stream)}, is too old";
        }
        else
        {
            var said = await AskAsync(stream, new RehearsalAsked { Group = group, DirectoriesOnly = true }, OwnersPatience, ct);
            answer.Directories.AddRange(said.Directories);
            if (said.Problem.Length > 0)
                answer.Problem = $"{owner} was asked: {said.Problem}";
            else if (answer.CalculateSize() > DirectoryRelay.LargestMessage)
                answer = new() { Group = group, Host = owner, Problem = $"{owner} says too much to be handed on" };
        }
        return answer;
    }

    /// <summary>The version that an agent says it has.</summary>
    public static string VersionOf(AgentStream stream) => ForeignText.Visible(stream.AgentVersion, 50);

    private async Task<Rehearsed> AskAsync(AgentStream stream, RehearsalAsked asked, TimeSpan patience, CancellationToken ct)
    {
        asked.Id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<Rehearsed>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[(stream.Id, asked.Id)] = answer;
        try
        {
            stream.Tell(new() { RehearsalAsked = asked });
            var first = await Task.WhenAny(answer.Task, stream.Ended).WaitAsync(patience, time, ct);
            return first == answer.Task ? await answer.Task : new() { Problem = "its agent disconnected before it answered" };
        }
        catch (TimeoutException)
        {
            return new() { Problem = $"its agent did not answer within {patience.TotalSeconds:F0} s" };
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
