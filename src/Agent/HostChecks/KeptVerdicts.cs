using HaGrpc.Core.HostChecks;
using HaGrpc.Core.Supervision;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.HostChecking;

/// <summary>
/// The verdicts of checks in files that outlive the agent but not the boot: a restart of the agent neither makes a host fit that is not, nor with
/// <c>init_fail</c> one unfit that is. One line for each check: verdict, name and words, with tabs between them, below the boot id.
/// </summary>
/// <param name="runDirectory">The agent's run directory.</param>
/// <param name="boot">The running boot.</param>
/// <param name="logger">The log.</param>
internal sealed class KeptVerdicts(string runDirectory, Guid boot, ILogger logger)
{
    /// <summary>What an earlier agent of this boot noted of a group, by the name of the check.</summary>
    public IReadOnlyDictionary<string, HostCheckCondition> Load(string group)
    {
        var kept = new Dictionary<string, HostCheckCondition>(StringComparer.Ordinal);
        try
        {
            var lines = File.Exists(PathOf(group)) ? File.ReadAllLines(PathOf(group)) : [];
            if (lines.Length == 0 || lines[0] != boot.ToString())
                return kept;
            foreach (var line in lines.Skip(1))
            {
                if (line.Split('\t') is [var verdict, var name, var said] && Enum.TryParse<CheckVerdict>(verdict, out var known))
                    kept[name] = new(known, said);
            }
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            // As after a boot.
        }
        return kept;
    }

    /// <summary>Notes them; those that have no verdict are left out.</summary>
    public void Save(string group, IEnumerable<(string Name, HostCheckCondition Condition)> checks)
    {
        try
        {
            var known = checks.Where(c => c.Condition.Verdict != CheckVerdict.None)
                .Select(c => $"{c.Condition.Verdict}\t{c.Name}\t{OneField(c.Condition.Said)}");
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(group))!);
            File.WriteAllLines(PathOf(group) + ".new", [boot.ToString(), .. known]);
            File.Move(PathOf(group) + ".new", PathOf(group), overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            HostCheckLog.VerdictsNotNoted(logger, group, PathOf(group), failure.Message);
        }
    }

    private static string OneField(string text) => text.ReplaceLineEndings(" ").Replace('\t', ' ');

    private string PathOf(string group) => Path.Combine(runDirectory, "groups", group, "checks");
}
