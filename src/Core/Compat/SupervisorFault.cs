namespace HaGrpc.Core.Compat;

/// <summary>Supervisor's XML-RPC fault codes (xmlrpc.py, class Faults).</summary>
public enum FaultCode
{
    /// <summary>No such method.</summary>
    UnknownMethod = 1,

    /// <summary>Wrong number or kind of parameters.</summary>
    IncorrectParameters = 2,

    /// <summary>Parameters that make no sense together.</summary>
    BadArguments = 3,

    /// <summary>Nothing is known of that method.</summary>
    SignatureUnsupported = 4,

    /// <summary>No such process or group.</summary>
    BadName = 10,

    /// <summary>No such signal.</summary>
    BadSignal = 11,

    /// <summary>A file is missing: the command, or a log.</summary>
    NoFile = 20,

    /// <summary>The command cannot be executed.</summary>
    NotExecutable = 21,

    /// <summary>It could not be done.</summary>
    Failed = 30,

    /// <summary>It has ended before it counted as running.</summary>
    AbnormalTermination = 40,

    /// <summary>It could not be started, or exited too quickly.</summary>
    SpawnError = 50,

    /// <summary>It runs, or is being started.</summary>
    AlreadyStarted = 60,

    /// <summary>It does not run.</summary>
    NotRunning = 70,

    /// <summary>No fault; only in the results of groups.</summary>
    Success = 80,

    /// <summary>The group is known already.</summary>
    AlreadyAdded = 90,

    /// <summary>A process of the group still runs.</summary>
    StillRunning = 91,
}

/// <summary>A call that failed, as Supervisor's clients read it.</summary>
/// <param name="Code">Decides what a client prints; each command knows only some.</param>
/// <param name="Detail">For the operator; may be empty.</param>
public sealed record SupervisorFault(FaultCode Code, string Detail)
{
    /// <summary>The fault string: Supervisor's name of the code, then the detail.</summary>
    public string Text => Detail.Length == 0 ? NameOf(Code) : $"{NameOf(Code)}: {Detail}";

    private static string NameOf(FaultCode code) => code switch
    {
        FaultCode.UnknownMethod => "UNKNOWN_METHOD",
        FaultCode.IncorrectParameters => "INCORRECT_PARAMETERS",
        FaultCode.BadArguments => "BAD_ARGUMENTS",
        FaultCode.SignatureUnsupported => "SIGNATURE_UNSUPPORTED",
        FaultCode.BadName => "BAD_NAME",
        FaultCode.BadSignal => "BAD_SIGNAL",
        FaultCode.NoFile => "NO_FILE",
        FaultCode.NotExecutable => "NOT_EXECUTABLE",
        FaultCode.AbnormalTermination => "ABNORMAL_TERMINATION",
        FaultCode.SpawnError => "SPAWN_ERROR",
        FaultCode.AlreadyStarted => "ALREADY_STARTED",
        FaultCode.NotRunning => "NOT_RUNNING",
        FaultCode.Success => "SUCCESS",
        FaultCode.AlreadyAdded => "ALREADY_ADDED",
        FaultCode.StillRunning => "STILL_RUNNING",
        _ => "FAILED",
    };
}
