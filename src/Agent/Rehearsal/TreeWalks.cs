using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal.Trees;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>Reads directories one after the other: two at a time would only keep the disk from each other, and from the programs.</summary>
/// <param name="time">Counts how long it takes.</param>
internal sealed class TreeWalks(TimeProvider time) : IDisposable
{
    // A walk ends itself when it is late, unless the file system hangs.
    private static readonly TimeSpan Patience = TreeWalk.Longest + TimeSpan.FromSeconds(5);

    private readonly PatientAsk _ask = new(Patience, time);
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Reads a directory when it is its turn.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="begin">Makes what takes the entries, when the walk begins.</param>
    /// <param name="add">Gives it one.</param>
    /// <returns>What has taken the entries, null when the file system did not answer; and how the walk ended.</returns>
    public async Task<(T? Taker, WalkEnd End)> RunAsync<T>(GroupDirectory directory, Func<T> begin, Action<T, TreeEntry> add)
        where T : class
    {
        await _turn.WaitAsync();
        try
        {
            return await _ask.AskAsync<(T?, WalkEnd)>(
                $"{typeof(T).Name} {directory.Path}",
                () =>
                {
                    var taker = begin();
                    return (taker, TreeWalk.Run(directory, entry => add(taker, entry), time));
                },
                (null, new(false, $"it does not answer within {Patience.TotalSeconds:F0} s")));
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();
}
