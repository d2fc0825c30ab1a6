using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Compat;

/// <summary>This host's right to a group at one instant.</summary>
/// <param name="MayAct">True: it owns the group and its lease holds (rule L7).</param>
/// <param name="Epoch">The epoch under which it acts; 0 when it does not.</param>
/// <param name="Owner">Who owns it, as the control plane says; empty when it did not say, or when nobody does.</param>
/// <param name="PlaneAnswered">True when the control plane was asked and answered.</param>
public sealed record GroupHold(bool MayAct, long Epoch, string Owner, bool PlaneAnswered)
{
    /// <summary>Why this host does not run the group's programs; empty when it may.</summary>
    /// <param name="group">The group's name.</param>
    public string Obstacle(string group) =>
        MayAct ? ""
        : Owner.Length > 0 ? $"runs on {Owner}, which owns {group}"
        : PlaneAnswered ? $"nobody owns {group} now"
        : $"this host does not own {group}, and the control plane, which knows who does, is out of reach";
}

/// <summary>
/// What start, stop and signal answer at once, and what comes of a start. Codes are only those that supervisorctl's command
/// knows: any other makes it print a Python error. An obstacle of ownership therefore is SPAWN_ERROR for a start, FAILED for a stop.
/// </summary>
public static class ControlRules
{
    /// <summary>Supervisor's RUNNING_STATES: what cannot be started, and what can be stopped.</summary>
    public static bool IsUp(ProgramState state) => state is ProgramState.Running or ProgramState.Starting or ProgramState.Backoff;

    /// <summary>Supervisor's SIGNALLABLE_STATES.</summary>
    public static bool IsSignallable(ProgramState state) =>
        state is ProgramState.Running or ProgramState.Starting or ProgramState.Stopping;

    /// <summary>Why a start is refused; null when it may be tried.</summary>
    /// <param name="name">The name as the operator wrote it.</param>
    /// <param name="group">The program's group.</param>
    /// <param name="state">Its state here.</param>
    /// <param name="hold">This host's right to the group.</param>
    public static SupervisorFault? OnStart(string name, string group, ProgramState state, GroupHold hold)
    {
        ArgumentNullException.ThrowIfNull(hold);
        if (IsUp(state))
            return new(FaultCode.AlreadyStarted, name);
        if (hold.Obstacle(group) is { Length: > 0 } obstacle)
            return new(FaultCode.SpawnError, $"{name}: {obstacle}");
        return state switch
        {
            ProgramState.Stopping => new(FaultCode.AbnormalTermination, $"{name} is still being stopped"),
            ProgramState.Unknown => new(FaultCode.AbnormalTermination, $"what is left of {name} is being ended"),
            _ => null,
        };
    }

    /// <summary>Why a stop is refused; null when it may be tried, or when only the wish is to be stored.</summary>
    /// <param name="name">The name as the operator wrote it.</param>
    /// <param name="group">The program's group.</param>
    /// <param name="hold">This host's right to the group.</param>
    public static SupervisorFault? OnStop(string name, string group, GroupHold hold)
    {
        ArgumentNullException.ThrowIfNull(hold);
        return hold.Obstacle(group) is { Length: > 0 } obstacle ? new(FaultCode.Failed, $"{name}: {obstacle}") : null;
    }

    /// <summary>What a stop of a program that this host may stop answers at once; null when it has to be waited for.</summary>
    /// <param name="name">The name as the operator wrote it.</param>
    /// <param name="state">Its state here.</param>
    public static SupervisorFault? Stopped(string name, ProgramState state) =>
        IsUp(state) ? null : new(FaultCode.NotRunning, name);

    /// <summary>What came of a start, judged by the states that followed it.</summary>
    /// <param name="name">The name as the operator wrote it.</param>
    /// <param name="state">The next state after the start was asked for.</param>
    /// <param name="detail">Supervisor's spawnerr.</param>
    /// <param name="fault">Set when it failed.</param>
    /// <returns>True once it is decided.</returns>
    public static bool StartIsDecided(string name, ProgramState state, string detail, out SupervisorFault? fault)
    {
        fault = state switch
        {
            ProgramState.Running or ProgramState.Starting => null,
            ProgramState.Backoff or ProgramState.Fatal => new(FaultCode.SpawnError, name),
            _ when detail is { Length: > 0 } => new(FaultCode.SpawnError, $"{name}: {detail}"),
            _ => new(FaultCode.AbnormalTermination, name),
        };
        return state != ProgramState.Starting;
    }

    /// <summary>True once a stop is done.</summary>
    public static bool StopIsDecided(ProgramState state) =>
        state is ProgramState.Stopped or ProgramState.Exited or ProgramState.Fatal;
}
