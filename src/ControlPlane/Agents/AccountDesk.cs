using System.Collections.Concurrent;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Asks hosts which of some users they do not know. Only they can tell: accounts are a host's own.</summary>
internal sealed class AccountDesk(TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(long Stream, long Id), TaskCompletionSource<IReadOnlyCollection<string>>> _waiting = new();
    private long _lastId;

    /// <summary>The users that a host does not know.</summary>
    /// <param name="stream">Its agent.</param>
    /// <param name="users">Names.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Empty as well when the host does not answer in time: a slow directory service must not keep anybody from registering.</returns>
    public async Task<IReadOnlyCollection<string>> UnknownAsync(AgentStream stream, IEnumerable<string> users, CancellationToken ct)
    {
        if (!stream.KnowsAccounts)
            return [];
        var asked = new AccountsAsked { Id = Interlocked.Increment(ref _lastId), Users = { users } };
        var answer = new TaskCompletionSource<IReadOnlyCollection<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[(stream.Id, asked.Id)] = answer;
        try
        {
            stream.Tell(new() { AccountsAsked = asked });
            return await answer.Task.WaitAsync(Patience, time, ct);
        }
        catch (TimeoutException)
        {
            return [];
        }
        finally
        {
            _ = _waiting.TryRemove((stream.Id, asked.Id), out _);
        }
    }

    /// <summary>Takes an answer.</summary>
    public void Answer(AgentStream stream, AccountsKnown known)
    {
        if (_waiting.TryGetValue((stream.Id, known.Id), out var answer))
            _ = answer.TrySetResult([.. known.Unknown]);
    }
}
