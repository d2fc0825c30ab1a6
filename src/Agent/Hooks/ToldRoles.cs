using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Hooks;

/// <summary>What this host was last in each group as far as hooks were told, in files that outlive the agent but not the boot: a restarted agent
/// tells nothing twice.</summary>
internal sealed class ToldRoles(string runDirectory, ILogger logger)
{
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>It owned the group, and not everything about that was told yet.</summary>
    public const string Taking = "taking";

    /// <summary>It owned the group.</summary>
    public const string Owner = "owner";

    /// <summary>It was a member that does not own the group.</summary>
    public const string Standby = "standby";

    /// <summary>The agent was told to stop.</summary>
    public const string Stopped = "stopped";

    /// <summary>The role; empty when none was told since the boot.</summary>
    public string Of(string group)
    {
        if (_known.TryGetValue(group, out var known))
            return known;
        try
        {
            known = File.ReadAllText(PathOf(group));
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            known = "";
        }
        return _known[group] = known;
    }

    /// <summary>True when it owned the group.</summary>
    public bool IsHeld(string group) => Of(group) is Taking or Owner;

    /// <summary>Notes a role.</summary>
    public void Note(string group, string role)
    {
        if (Of(group) == role)
            return;
        _known[group] = role;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(group))!);
            File.WriteAllText(PathOf(group), role);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            HookLog.RoleNotNoted(logger, group, PathOf(group), failure.Message);
        }
    }

    private string PathOf(string group) => Path.Combine(runDirectory, "groups", group, "role");
}
