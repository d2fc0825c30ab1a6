using System.Collections.Immutable;
using HaGrpc.Contracts;
using HaGrpc.Core.Rehearsal.Trees;
using HaGrpc.V1;
using Group = HaGrpc.Core.Model.Group;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>
/// Directories that are to be the same on every member of a group: the owner says what it has, the others compare (docs/adr/0032). Reading
/// one takes a while, so what was seen last is kept; and a walk that somebody no longer waits for goes on for the next one who asks.
/// </summary>
internal sealed class SharedDirectories : IDisposable
{
    private const string StillReading = "the directories are still being read: ask again in a minute";
    private const string NotYet = "nobody has said yet what the owner has";

    private readonly TimeProvider _time;
    private readonly TreeWalks _walks;
    private readonly OwnersLooks _looks;
    private readonly Comparisons _comparisons;

    /// <param name="time">Paces it.</param>
    public SharedDirectories(TimeProvider time)
    {
        _time = time;
        _walks = new(time);
        _looks = new(_walks, time);
        _comparisons = new(_walks, time);
    }

    /// <summary>True when the owner has to look again by itself.</summary>
    public bool IsDue(Group group) => !group.Directories.IsEmpty && _looks.IsDue(group);

    /// <summary>The owner looks, and says what it has.</summary>
    public async Task<OwnersDirectories> LookAsync(Group group)
    {
        var said = new OwnersDirectories { Group = group.Name };
        said.Directories.AddRange((await _looks.LookAsync(group)).Select(look => look.ToProto()));
        return said;
    }

    /// <summary>The owner is asked, and says what it has now, or else what it had when it looked last.</summary>
    /// <param name="group">The group.</param>
    /// <param name="id">Of the question.</param>
    /// <param name="patience">How long a look may take.</param>
    public async Task<Rehearsed> SayAsync(Group group, long id, TimeSpan patience)
    {
        var answer = new Rehearsed { Id = id };
        await WaitAsync(_looks.LookAsync(group), patience);
        if (_looks.Last(group) is { } looks)
            answer.Directories.AddRange(looks.Select(look => look.ToProto()));
        else
            answer.Problem = StillReading;
        return answer;
    }

    /// <summary>Another member compares.</summary>
    /// <param name="group">The group.</param>
    /// <param name="owner">What the owner has.</param>
    /// <param name="patience">How long it may take.</param>
    /// <returns>What has come of it, or else what came of it last.</returns>
    public async Task<ImmutableArray<TreeComparison>> CompareAsync(Group group, OwnersDirectories owner, TimeSpan patience)
    {
        if (group.Directories.IsEmpty)
            return [];
        if (owner.Problem.Length > 0)
            return _comparisons.Last(group, owner.Problem);
        await WaitAsync(_comparisons.CompareAsync(group, owner.Host, [.. owner.Directories.Select(look => look.ToModel())]), patience);
        return _comparisons.Last(group, StillReading);
    }

    /// <summary>What has come of the last comparison of a group.</summary>
    public ImmutableArray<TreeComparison> Last(Group group) => _comparisons.Last(group, NotYet);

    /// <summary>Forgets what is no longer this host's to know.</summary>
    /// <param name="groups">What is configured.</param>
    /// <param name="isOwned">True for a group that this host owns.</param>
    public void Keep(IEnumerable<Group> groups, Func<string, bool> isOwned)
    {
        var owned = groups.Select(g => g.Name).ToLookup(isOwned);
        _looks.Keep(owned[true].ToHashSet(StringComparer.Ordinal));
        _comparisons.Keep(owned[false].ToHashSet(StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public void Dispose() => _walks.Dispose();

    private async Task WaitAsync(Task work, TimeSpan patience)
    {
        try
        {
            await work.WaitAsync(patience, _time);
        }
        catch (TimeoutException)
        {
            // It goes on.
        }
    }
}
