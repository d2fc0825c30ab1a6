using System.Collections.Immutable;
using HaGrpc.Core.Compat;

namespace HaGrpc.Agent.Compat;

/// <summary>reread, update, add and remove. The configuration comes from the control plane and is always in force, so a group is only
/// ever "available" because it was removed here.</summary>
/// <param name="programs">The programs.</param>
/// <param name="control">Starts and stops.</param>
internal sealed class GroupMethods(HostPrograms programs, LocalControl control)
{
    /// <summary>The methods.</summary>
    public IEnumerable<Method> All =>
    [
        Method.Of("supervisor.reloadConfig", ["array"], 0, "Names the groups that could be added; nothing has to be read.",
            _ => (object[])[(object[])[(object[])[.. programs.Removed.Order(StringComparer.Ordinal)], Array.Empty<object>(), Array.Empty<object>()]]),
        new("supervisor.addProcessGroup", ["boolean", "string"], 1, "Shows a removed group again and starts its autostart programs.",
            (arguments, ct) => AddAsync(arguments.Text(0), arguments.By, ct)),
        new("supervisor.removeProcessGroup", ["boolean", "string"], 1, "Takes a stopped group out of this host's view.",
            (arguments, ct) => RemoveAsync(arguments.Text(0), arguments.By, ct)),
    ];

    private async Task<object> AddAsync(string group, string by, CancellationToken ct)
    {
        ImmutableArray<ProgramView> members = [.. (await programs.LookAtAllAsync()).Where(p => p.Name.Group == group)];
        if (members.IsEmpty)
            throw new FaultException(FaultCode.BadName, group);
        if (!programs.Add(group))
            throw new FaultException(FaultCode.AlreadyAdded, group);
        _ = await control.StartAsync([.. members.Where(p => p.Program.Autostart && p.Hold.MayAct)], wait: false, by, ct);
        return true;
    }

    private async Task<object> RemoveAsync(string group, string by, CancellationToken ct)
    {
        ImmutableArray<ProgramView> members = [.. (await programs.LookAsync()).Where(p => p.Name.Group == group)];
        if (members.IsEmpty)
            throw new FaultException(FaultCode.BadName, group);
        if (members.Any(p => ControlRules.IsUp(p.State) || ControlRules.IsSignallable(p.State)))
            throw new FaultException(FaultCode.StillRunning, group);
        // What is removed is not to be started by a change of owner.
        _ = await control.StopAsync([.. members.Where(p => p.Hold.MayAct)], wait: false, by, ct);
        programs.Remove(group);
        return true;
    }
}
