using System.ComponentModel;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// The limits that the present instance of a program has, in memory and in the file <c>limits</c> of its directory for a later agent: what
/// is wanted is compared with them, and the difference is set on the running program. A limit that could not be set is not among
/// them, so that it is tried again with the next configuration. Everything on the host's thread.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="name">The program.</param>
/// <param name="changed">Called when <see cref="Words"/> has changed because of what the program does.</param>
internal sealed class LimitsInForce(HostContext host, ProgramName name, Action changed)
{
    private const string FileName = "limits";

    private SortedDictionary<string, string> _held = new(StringComparer.Ordinal);
    private readonly LimitWatch _watch = new(host, name, changed);
    private string _told = "";

    /// <summary>What is not enforced and why, for people; empty when everything is.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>For its status: what is not enforced, else which limit holds it back; empty when neither.</summary>
    public string Words => Problem.Length > 0 ? Problem : _watch.Words;

    /// <summary>Before a start: sets what holds for the whole cgroup. The rest is set by the program's own process before it is executed.</summary>
    /// <exception cref="IOException">The run directory could not be written.</exception>
    public void Begin(Limits? limits, Cgroup? cgroup)
    {
        (_told, _held) = ("", LimitSettings.Of(limits));
        var problems = new List<string>();
        foreach (var setting in LimitSettings.OfCgroup)
        {
            // One that is left over from an instance before has that one's limits.
            var isWanted = _held.TryGetValue(setting, out var value);
            if (!isWanted && cgroup?.IsNew != false)
                continue;
            if (LimitSettings.SetOnCgroup(host.Cgroups, cgroup, setting, value) is not { Length: > 0 } reason || !isWanted)
                continue;
            _ = _held.Remove(setting);
            problems.Add($"{setting}: {reason}");
        }
        Keep();
        _watch.Begin(cgroup);
        Tell(problems);
    }

    /// <summary>Nothing of the instance is left.</summary>
    public void End() => _watch.End();

    /// <summary>Takes over what an earlier agent has set.</summary>
    public void Adopt()
    {
        _held.Clear();
        _watch.Adopt();
        if (host.DirectoryOf(name).Read(FileName) is not { } bytes || ShimSpec.Decode(bytes) is not { } kept)
            return;
        foreach (var (setting, value) in kept.Records.Where(record => LimitSettings.IsKnown(record.Key)))
            _held[setting] = value;
    }

    /// <summary>Sets on a running program what is wanted and not in force; what is wanted no more goes back to the agent's own.</summary>
    /// <param name="limits">What is wanted.</param>
    /// <param name="process">The main process.</param>
    /// <param name="cgroup">Its cgroup.</param>
    public void Follow(Limits? limits, ProcessIdentity process, Cgroup? cgroup)
    {
        var wanted = LimitSettings.Of(limits);
        var problems = new List<string>();
        var isChanged = false;
        foreach (var setting in wanted.Keys.Union(_held.Keys, StringComparer.Ordinal).ToArray())
        {
            var value = wanted.GetValueOrDefault(setting);
            if (value == _held.GetValueOrDefault(setting))
                continue;
            if (!process.IsAlive)
                return;
            if (Set(setting, value, process.Pid, cgroup) is { Length: > 0 } reason)
            {
                problems.Add($"{setting}: {reason}");
                continue;
            }
            isChanged = true;
            if (value is null)
                _ = _held.Remove(setting);
            else
                _held[setting] = value;
        }
        if (isChanged)
        {
            ProgramLog.LimitsChanged(host.Logger, name, string.Join(", ", _held.Select(pair => $"{pair.Key} {pair.Value}")));
            TryKeep();
        }
        _watch.Follow(limits, cgroup);
        Tell(problems);
    }

    private string Set(string setting, string? value, int pid, Cgroup? cgroup)
    {
        if (LimitSettings.OfCgroup.Contains(setting))
            return LimitSettings.SetOnCgroup(host.Cgroups, cgroup, setting, value);
        try
        {
            LimitSettings.SetOnProcess(pid, setting, value);
            return "";
        }
        catch (Exception refused) when (refused is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return $"cannot be set on the running program: {refused.Message}";
        }
    }

    // Once for each start, and again only when it is something else that cannot be had.
    private void Tell(List<string> problems)
    {
        Problem = problems.Count == 0 ? "" : $"not limited: {string.Join("; ", problems)}";
        if (Problem.Length > 0 && Problem != _told)
        {
            ProgramLog.LimitsNotEnforced(host.Logger, name, Problem);
            host.Happened("LimitsNotEnforced", name, Problem);
        }
        _told = Problem;
    }

    private void Keep()
    {
        var directory = host.DirectoryOf(name);
        if (_held.Count == 0)
        {
            // Most programs have none, and what is not written is not waited for at their start.
            if (File.Exists(directory.File(FileName)))
                File.Delete(directory.File(FileName));
            return;
        }
        var file = new ShimSpec();
        foreach (var (setting, value) in _held)
            file.Add(setting, value);
        directory.Write(FileName, file.Encode());
    }

    private void TryKeep()
    {
        try
        {
            Keep();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            ProgramLog.ConditionNotKept(host.Logger, name, failure.Message);
        }
    }
}
