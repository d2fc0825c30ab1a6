using System.Collections.Concurrent;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Asks owners how many clients are connected to their groups.</summary>
internal sealed class ClientDesk(TimeProvider time)
{
    // Somebody waits for it before a prompt: better "unknown" than long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(long Stream, long Id), TaskCompletionSource<ClientsCounted>> _waiting = new();
    private long _lastId;

    /// <summary>What an owner counts.</summary>
    /// <param name="host">The owner.</param>
    /// <param name="stream">Its agent; null when it is not connected.</param>
    /// <param name="groups">Its groups.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>One entry for each group, with a problem when it is not known.</returns>
    public async Task<IReadOnlyList<GroupClients>> CountAsync(string host, AgentStream? stream, IReadOnlyCollection<string> groups, CancellationToken ct)
    {
        if (stream is null)
            return Unknown($"the agent of {host} is not connected");
        if (!stream.CountsClients)
            return Unknown($"the agent of {host}, version {RehearsalDesk.VersionOf(stream)}, does not count them");
        var asked = new ClientsAsked { Id = Interlocked.Increment(ref _lastId), Groups = { groups } };
        var answer = new TaskCompletionSource<ClientsCounted>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[(stream.Id, asked.Id)] = answer;
        try
        {
            stream.Tell(new() { ClientsAsked = asked });
            var first = await Task.WhenAny(answer.Task, stream.Ended).WaitAsync(Patience, time, ct);
            if (first != answer.Task)
                return Unknown($"the agent of {host} disconnected before it answered");
            var said = (await answer.Task).Groups.ToLookup(g => g.Group, StringComparer.Ordinal);
            return
            [
                .. groups.Select(group => said[group].FirstOrDefault() is { } counted
                    ? new() { Group = group, Count = Math.Max(0, counted.Count), Problem = ForeignText.Visible(counted.Problem, 200) }
                    : new GroupClients { Group = group, Problem = $"the agent of {host} says nothing of it" }),
            ];
        }
        catch (TimeoutException)
        {
            return Unknown($"the agent of {host} did not answer within {Patience.TotalSeconds:F0} s");
        }
        finally
        {
            _ = _waiting.TryRemove((stream.Id, asked.Id), out _);
        }

        IReadOnlyList<GroupClients> Unknown(string why) => [.. groups.Select(group => new GroupClients { Group = group, Problem = why })];
    }

    /// <summary>Takes an answer.</summary>
    public void Answer(AgentStream stream, ClientsCounted counted)
    {
        if (_waiting.TryGetValue((stream.Id, counted.Id), out var answer))
            _ = answer.TrySetResult(counted);
    }
}
