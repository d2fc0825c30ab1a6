using System.Collections.Concurrent;
using System.Collections.Frozen;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Files;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Logs;

/// <summary>
/// How long the logs of a group were when this host was promoted: what is written behind is the new owner's. Looked at when the
/// promotion comes, a round trip before a program may start, and beside everything else: a log's file system that hangs holds up no
/// takeover. Of each group only the newest epoch; an agent that was started later knows nothing of it.
/// </summary>
/// <param name="host">This host's name.</param>
internal sealed class LogMarks(string host)
{
    private readonly ConcurrentDictionary<string, Marks> _groups = new(StringComparer.Ordinal);

    /// <summary>Looks at the logs of a group, once for each epoch. Never waits.</summary>
    /// <param name="group">The group.</param>
    /// <param name="epoch">To which this host was promoted.</param>
    /// <param name="programs">Of all groups.</param>
    public void Take(string group, long epoch, IEnumerable<ConfiguredProgram> programs)
    {
        if (_groups.TryGetValue(group, out var known) && known.Epoch >= epoch)
            return;
        ConfiguredProgram[] its = [.. programs.Where(p => p.Name.Group == group)];
        _groups[group] = new(epoch, Task.Run(() => Look(its)));
    }

    /// <summary>Where a log ended; null when this agent does not know it.</summary>
    /// <param name="program">The program.</param>
    /// <param name="standardError">Which of its logs.</param>
    /// <param name="epoch">The epoch that is meant.</param>
    /// <param name="patience">How long to wait for a file system.</param>
    public LogPosition? Of(ProgramName program, bool standardError, long epoch, TimeSpan patience) =>
        _groups.TryGetValue(program.Group, out var marks) && marks.Epoch == epoch && marks.Positions.Wait(patience)
            && marks.Positions.Result.TryGetValue((program, standardError), out var position)
            ? position
            : null;

    private FrozenDictionary<(ProgramName, bool), LogPosition> Look(ConfiguredProgram[] programs)
    {
        var positions = new Dictionary<(ProgramName, bool), LogPosition>();
        foreach (var program in programs)
        {
            foreach (var standardError in new[] { false, true })
            {
                if (LogPlace.Of(program, standardError, host, out _) is not { } path)
                    continue;
                positions[(program.Name, standardError)] = FileStatus.Read(path, out var status) == 0
                    ? new(status.Identity.ToString(), status.Size)
                    : LogPosition.Beginning;
            }
        }
        return positions.ToFrozenDictionary();
    }

    private sealed record Marks(long Epoch, Task<FrozenDictionary<(ProgramName, bool), LogPosition>> Positions);
}
