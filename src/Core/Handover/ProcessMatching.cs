using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace HaGrpc.Core.Handover;

/// <summary>How a program's process is told from others, with nothing left to look up.</summary>
/// <param name="Words">The program's command as words.</param>
/// <param name="Executable">The file that its first word names; empty when there is none.</param>
/// <param name="Uid">Whose process it is; null for anybody's.</param>
/// <param name="Pid">The process that an operator or a pidfile names; 0 for none.</param>
/// <param name="Pattern">A regular expression for its arguments; empty for none.</param>
public sealed record ProcessSearch(ImmutableArray<string> Words, string Executable, uint? Uid, int Pid, string Pattern);

/// <summary>
/// Finds the process that somebody else runs as a program. Of a process and its children only the eldest is meant: workers often look like
/// their master. What runs under a shim is ours already.
/// </summary>
public static class ProcessMatching
{
    // A script appears with its interpreter in front, and perhaps one argument of that.
    private const int MostBefore = 2;
    private const string Shim = "ha-shim";
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(50);

    /// <summary>The processes that match, by pid; more than one is for an operator to decide.</summary>
    /// <param name="search">What is looked for.</param>
    /// <param name="processes">All processes of the host.</param>
    /// <exception cref="RegexMatchTimeoutException">The pattern takes too long.</exception>
    public static ImmutableArray<ProcessFact> Of(ProcessSearch search, IReadOnlyDictionary<int, ProcessFact> processes)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentNullException.ThrowIfNull(processes);
        var pattern = search.Pattern.Length > 0 ? new Regex(search.Pattern, RegexOptions.CultureInvariant, PatternTimeout) : null;
        var matching = processes.Values
            .Where(p => !p.Arguments.IsDefaultOrEmpty && (search.Uid is not { } uid || p.Uid == uid) && IsMeant(search, pattern, p))
            .Where(p => !IsOurs(p, processes))
            .ToDictionary(p => p.Pid);
        return [.. matching.Values.Where(p => !HasElder(p, matching, processes)).OrderBy(p => p.Pid)];
    }

    private static bool IsMeant(ProcessSearch search, Regex? pattern, ProcessFact process) =>
        search.Pid > 0 ? process.Pid == search.Pid
        : pattern is not null ? pattern.IsMatch(process.CommandLine)
        : HasCommand(search, process);

    private static bool HasCommand(ProcessSearch search, ProcessFact process)
    {
        for (var before = 0; before <= MostBefore; before++)
        {
            if (process.Arguments.Length != search.Words.Length + before
                || !process.Arguments.AsSpan()[(before + 1)..].SequenceEqual(search.Words.AsSpan()[1..]))
            {
                continue;
            }
            var first = process.Arguments[before];
            if (first == search.Words[0] || (search.Executable.Length > 0 && first == search.Executable))
                return true;
            // Found by the PATH, or under a name of its own.
            if (before == 0 && search.Executable.Length > 0 && process.Executable == search.Executable)
                return true;
        }
        return false;
    }

    private static bool IsOurs(ProcessFact process, IReadOnlyDictionary<int, ProcessFact> all)
    {
        foreach (var elder in Elders(process, all))
        {
            if (elder.Name == Shim)
                return true;
        }
        return false;
    }

    private static bool HasElder(ProcessFact process, Dictionary<int, ProcessFact> matching, IReadOnlyDictionary<int, ProcessFact> all)
    {
        foreach (var elder in Elders(process, all))
        {
            if (matching.ContainsKey(elder.Pid))
                return true;
        }
        return false;
    }

    /// <summary>Its parent, that one's parent, and so on. What was read while processes came and went may go in a circle.</summary>
    private static IEnumerable<ProcessFact> Elders(ProcessFact process, IReadOnlyDictionary<int, ProcessFact> all)
    {
        var seen = new HashSet<int> { process.Pid };
        for (var at = process; all.TryGetValue(at.ParentPid, out var parent) && seen.Add(parent.Pid); at = parent)
            yield return parent;
    }
}
