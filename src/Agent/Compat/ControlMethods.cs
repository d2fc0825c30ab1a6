using System.Collections.Immutable;
using HaGrpc.Agent.Compat.Wire;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Compat;

namespace HaGrpc.Agent.Compat;

/// <summary>Start, stop and signal, of one process, a group, or all.</summary>
/// <param name="programs">The programs.</param>
/// <param name="host">Sends signals.</param>
/// <param name="control">Starts and stops.</param>
internal sealed class ControlMethods(HostPrograms programs, ProgramHost host, LocalControl control)
{
    // Sends nothing and tells whether somebody is there, as kill(2).
    private const string Probe = "0";

    /// <summary>The methods.</summary>
    public IEnumerable<Method> All =>
    [
        new("supervisor.startProcess", ["boolean", "string", "boolean"], 1, "Starts a process, or a group written as GROUP:*.",
            (arguments, ct) => OneAsync(arguments.Text(0), name => StartAllAsync(name, arguments.Flag(1, true), arguments.By, ct), async one =>
                (await control.StartAsync([one], arguments.Flag(1, true), arguments.By, ct))[0].Fault)),
        new("supervisor.startProcessGroup", ["array", "string", "boolean"], 1, "Starts the processes of a group that do not run.",
            (arguments, ct) => StartAllAsync($"{arguments.Text(0)}:*", arguments.Flag(1, true), arguments.By, ct)),
        new("supervisor.startAllProcesses", ["array", "boolean"], 0, "Starts every process that does not run.",
            (arguments, ct) => StartAllAsync(null, arguments.Flag(0, true), arguments.By, ct)),
        new("supervisor.stopProcess", ["boolean", "string", "boolean"], 1, "Stops a process, or a group written as GROUP:*.",
            (arguments, ct) => OneAsync(arguments.Text(0), name => StopAllAsync(name, arguments.Flag(1, true), arguments.By, ct), async one =>
                (await control.StopAsync([one], arguments.Flag(1, true), arguments.By, ct))[0].Fault)),
        new("supervisor.stopProcessGroup", ["array", "string", "boolean"], 1, "Stops the processes of a group that run.",
            (arguments, ct) => StopAllAsync($"{arguments.Text(0)}:*", arguments.Flag(1, true), arguments.By, ct)),
        new("supervisor.stopAllProcesses", ["array", "boolean"], 0, "Stops every process that runs.",
            (arguments, ct) => StopAllAsync(null, arguments.Flag(0, true), arguments.By, ct)),
        new("supervisor.signalProcess", ["boolean", "string", "string"], 2, "Sends a signal to a process, or to a group written as GROUP:*.",
            (arguments, _) => OneAsync(
                arguments.Text(0), name => SignalAllAsync(name, arguments.Signal(1)), one => SignalAsync(one, arguments.Signal(1)))),
        new("supervisor.signalProcessGroup", ["array", "string", "string"], 2, "Sends a signal to the processes of a group.",
            (arguments, _) => SignalAllAsync($"{arguments.Text(0)}:*", arguments.Signal(1))),
        new("supervisor.signalAllProcesses", ["array", "string"], 1, "Sends a signal to every process.",
            (arguments, _) => SignalAllAsync(null, arguments.Signal(0))),
        new("supervisor.sendProcessStdin", ["boolean", "string", "string"], 2, "Always a fault: nothing can be written to a program's standard input.",
            async (arguments, _) => throw await NoInputAsync(arguments.Text(0))),
    ];

    /// <summary>What became of one program, as the results of groups tell it.</summary>
    public static XmlRpcStruct Result(ProgramView program, SupervisorFault? fault) => new()
    {
        { "name", program.Name.Name },
        { "group", program.Name.Group },
        { "status", (int)(fault?.Code ?? FaultCode.Success) },
        { "description", fault?.Text ?? "OK" },
    };

    private async Task<object> OneAsync(
        string name, Func<string, Task<object>> group, Func<ProgramView, Task<SupervisorFault?>> act)
    {
        if (HostPrograms.IsGroup(name))
            return await group(name);
        return await act(await programs.OneAsync(name)) is { } fault ? throw new FaultException(fault) : true;
    }

    // In Supervisor's order: group by group, and by priority inside a group.
    private async Task<ImmutableArray<ProgramView>> ChosenAsync(string? name)
    {
        try
        {
            var chosen = name is null ? await programs.LookAsync() : await programs.FindAsync(name);
            return [.. chosen.OrderBy(p => p.Name.Group, StringComparer.Ordinal).ThenBy(p => p.Program.Priority)];
        }
        catch (FaultException e) when (e.Fault.Code == FaultCode.BadName)
        {
            // As Supervisor, which names the group alone.
            throw new FaultException(FaultCode.BadName, name!.Split(':')[0]);
        }
    }

    private async Task<object> StartAllAsync(string? name, bool wait, string by, CancellationToken ct)
    {
        ImmutableArray<ProgramView> down = [.. (await ChosenAsync(name)).Where(p => !ControlRules.IsUp(p.State))];
        return Results(down, await control.StartAsync(down, wait, by, ct));
    }

    // Also those that have ended are wanted to stay so; the answer names only those that run.
    private async Task<object> StopAllAsync(string? name, bool wait, string by, CancellationToken ct)
    {
        ImmutableArray<ProgramView> chosen = [.. (await ChosenAsync(name)).Where(p => ControlRules.IsUp(p.State) || p.Hold.MayAct)];
        var outcomes = await control.StopAsync(chosen, wait, by, ct);
        return Results(chosen, outcomes.Where(outcome => ControlRules.IsUp(chosen[outcome.Index].State)));
    }

    private async Task<object> SignalAllAsync(string? name, string signal)
    {
        ImmutableArray<ProgramView> chosen = [.. (await ChosenAsync(name)).Where(p => ControlRules.IsSignallable(p.State))];
        var outcomes = new List<Outcome>();
        foreach (var program in chosen)
            outcomes.Add(new(outcomes.Count, await SignalAsync(program, signal)));
        return Results(chosen, outcomes);
    }

    private async Task<SupervisorFault?> SignalAsync(ProgramView program, string signal)
    {
        var number = signal == Probe ? 0 : SignalNumber.Of(signal);
        if (number is null)
            return new(FaultCode.BadSignal, signal);
        if (!ControlRules.IsSignallable(program.State) || (number > 0 && !await host.SignalAsync(program.Name, number.Value)))
            return new(FaultCode.NotRunning, program.Namespec);
        return null;
    }

    private async Task<FaultException> NoInputAsync(string name)
    {
        var program = await programs.OneAsync(name);
        return ControlRules.IsSignallable(program.State)
            ? new(FaultCode.NoFile, $"nothing can be written to the standard input of {program.Namespec}")
            : new(FaultCode.NotRunning, program.Namespec);
    }

    private static object[] Results(ImmutableArray<ProgramView> chosen, IEnumerable<Outcome> outcomes) =>
        [.. outcomes.Select(outcome => Result(chosen[outcome.Index], outcome.Fault))];
}
