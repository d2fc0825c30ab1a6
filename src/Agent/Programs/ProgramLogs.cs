using System.Runtime.InteropServices;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Shims;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// The log files of one program while it runs: tells its shim where they are and how they are rotated when that is changed, and
/// people what the shim says of them. Everything on the host's thread.
/// </summary>
internal sealed class ProgramLogs(HostContext host, ProgramName name)
{
    private static readonly string[] Keys =
        ["stdout", "stderr", "stdoutmax", "stdoutbackups", "stderrmax", "stderrbackups", "logage", "logpack"];

    private ShimProcess? _shim;
    private string _told = "";
    private string _wanted = "";
    private bool _wasLosing;
    private long? _knownLoss;
    private string _fault = "";

    /// <summary>Appends what says where a program's output goes and how that is rotated.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="program">The program with nothing left to expand.</param>
    public static ShimSpec Add(ShimSpec spec, ConfiguredProgram program)
    {
        var (stdout, stderr) = (PathOf(program.StdoutLogfile), program.RedirectStderr ? null : PathOf(program.StderrLogfile));
        return spec
            .Add("stdout", stdout)
            .Add("stderr", stderr)
            .Add("stdoutmax", Of(stdout, program.StdoutLogfileMaxBytes))
            .Add("stdoutbackups", Of(stdout, program.StdoutLogfileBackups))
            .Add("stderrmax", Of(stderr, program.StderrLogfileMaxBytes))
            .Add("stderrbackups", Of(stderr, program.StderrLogfileBackups))
            .Add("logage", Of(stdout ?? stderr, program.LogfileMaxAge.Ticks * 100))
            .Add("logpack", program.LogfileCompress ? Of(stdout ?? stderr, 1) : null);
    }

    /// <summary>A shim has been started, or adopted with what an earlier agent told it.</summary>
    public void Begin(ShimProcess shim)
    {
        _shim = shim;
        _told = _wanted = TextOf(shim.Directory.ReadLogs() ?? shim.Spec);
        (_wasLosing, _knownLoss, _fault) = (false, null, "");
    }

    /// <summary>Takes an edit over, without a restart of the program.</summary>
    public void Follow(ConfiguredProgram program)
    {
        // What the host cannot expand any more stays as it is: the next start will say what is wrong.
        if (_shim is null || HostExpansion.Of(program, host.Options.HostName, out _) is not { } here)
            return;
        var logs = Add(new ShimSpec(), here);
        if (TextOf(logs) == _wanted)
            return;
        try
        {
            _shim.Directory.Write("logs", logs.Encode());
            _wanted = TextOf(logs);
            Tell();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            ProgramLog.LogsNotChanged(host.Logger, name, failure.Message);
        }
    }

    /// <summary>The shim has said something.</summary>
    public void Hear(ShimRecord record)
    {
        // One that was not connected yet is now.
        if (_told != _wanted && !record.IsOver)
            Tell();
        // What an adopted one has lost was told by the agent before.
        _knownLoss ??= record.IsOver ? 0 : record.Lost;
        if (record.IsLosing && !_wasLosing)
            HearOfLoss(record);
        else if (!record.IsLosing && (_wasLosing || record.Lost > _knownLoss))
            HearOfEnd(record);
        var fault = record.LogFault.Length == 0 ? "" : $"{WordsOf(record.LogFault)}: {ErrorText(record.LogFaultError)}";
        if (fault.Length > 0 && fault != _fault)
        {
            ProgramLog.LogFailed(host.Logger, name, fault);
            host.Happened("LogFailed", name, fault);
        }
        _fault = fault;
    }

    /// <summary>Nothing of the instance is left.</summary>
    public void End() => _shim = null;

    private void HearOfLoss(ShimRecord record)
    {
        _wasLosing = true;
        var why = record.LostError < 0 ? "the disk takes nothing" : ErrorText(record.LostError);
        ProgramLog.OutputLost(host.Logger, name, record.LostOf, why);
        host.Happened("LogLost", name, $"its {record.LostOf} is being lost: {why}");
    }

    private void HearOfEnd(ShimRecord record)
    {
        (_wasLosing, _knownLoss) = (false, record.Lost);
        ProgramLog.OutputWritten(host.Logger, name, record.Lost);
        host.Happened("LogRestored", name, $"its output is written again; {record.Lost} bytes were lost since it started");
    }

    private void Tell()
    {
        if (_shim!.Send(ShimRequest.LogsChanged))
            _told = _wanted;
    }

    private static string WordsOf(string fault) => fault switch
    {
        "open" => "its new log file cannot be opened, the one before is written on",
        "rotate" => "a log file cannot be rotated and is written on",
        _ => "a backup of its logs cannot be compressed and stays as it is",
    };

    private static string ErrorText(int error) =>
        error == 0 ? "gzip failed" : $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";

    private static string? PathOf(string configured) => configured is "" or "NONE" ? null : configured;

    private static string? Of(string? path, long value) =>
        path is null ? null : value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string TextOf(ShimSpec spec) => string.Join('\n', Keys.Select(key => $"{key}={spec[key]}"));
}
