using System.Collections.Immutable;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A program on the wire and in the model.</summary>
public static class ProgramMapping
{
    private static readonly Model.Program Defaults = new() { Name = default, Command = "" };

    /// <summary>The message of a program, every field set.</summary>
    public static V1.Program ToProto(this Model.Program program)
    {
        var proto = new V1.Program
        {
            Group = program.Name.Group,
            Name = program.Name.Name,
            Command = program.Command,
            Directory = program.Directory,
            User = program.User,
            Priority = program.Priority,
            DesiredState = program.DesiredState.ToProto(),
            Restart = program.Restart.ToProto(),
            StartTime = program.StartTime.ToProto(),
            StartRetries = program.StartRetries,
            StopSignal = program.StopSignal,
            StopTimeout = program.StopTimeout.ToProto(),
            Umask = program.Umask,
            StdoutLogfile = program.StdoutLogfile,
            StderrLogfile = program.StderrLogfile,
            RedirectStderr = program.RedirectStderr,
            RestartGeneration = program.RestartGeneration,
            ProcessName = program.ProcessName,
            Numprocs = program.NumProcs,
            NumprocsStart = program.NumProcsStart,
            Autostart = program.Autostart,
            StopAsGroup = program.StopAsGroup,
            Template = program.Template,
            Backoff = new() { Initial = program.Backoff.Initial.ToProto(), Longest = program.Backoff.Longest.ToProto() },
            FatalRetryAfter = program.FatalRetryAfter.ToProto(),
            FatalAction = program.FatalAction.ToProto(),
            Readiness = program.Readiness?.ToProto(),
            ReadyTimeout = program.ReadyTimeout.ToProto(),
            Liveness = program.Liveness?.ToProto(),
            Oneshot = program.Oneshot,
            RunOn = program.RunOn.ToProto(),
            StdoutLogfileMaxbytes = program.StdoutLogfileMaxBytes,
            StdoutLogfileBackups = program.StdoutLogfileBackups,
            StderrLogfileMaxbytes = program.StderrLogfileMaxBytes,
            StderrLogfileBackups = program.StderrLogfileBackups,
            LogfileMaxAge = program.LogfileMaxAge.ToProto(),
            LogfileCompress = program.LogfileCompress,
            Limits = program.Limits?.ToProto(),
            Mode = program.Mode.ToProto(),
            Adopt = program.Adopt.ToProto(),
        };
        proto.Handed.AddRange(program.Handed.Select(handed => handed.ToProto()));
        proto.After.Add(program.After);
        proto.Environment.Add(program.Environment);
        proto.ExitCodes.AddRange(program.ExitCodes);
        return proto;
    }

    /// <summary>The program of a message. What is absent, unspecified or empty takes Supervisor's default; an
    /// unspecified desired state becomes what autostart says (see <see cref="DesiredStateMapping"/> where it must be told apart).
    /// Nothing is validated here.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An enum value that this version does not know.</exception>
    public static Model.Program ToModel(this V1.Program program) => new()
    {
        Name = new(program.Group, program.Name),
        Command = program.Command,
        Directory = program.Directory,
        User = program.User,
        Environment = program.Environment.ToImmutableSortedDictionary(StringComparer.Ordinal),
        Priority = program.HasPriority ? program.Priority : Defaults.Priority,
        DesiredState = program.DesiredState.ToModel()
            ?? (IsAutostart(program) ? Model.DesiredState.Running : Model.DesiredState.Stopped),
        Restart = program.Restart.ToModel(),
        StartTime = program.StartTime.ToModel(Defaults.StartTime),
        StartRetries = program.HasStartRetries ? program.StartRetries : Defaults.StartRetries,
        ExitCodes = program.ExitCodes.Count == 0 ? Defaults.ExitCodes : [.. program.ExitCodes],
        StopSignal = Or(program.StopSignal, Defaults.StopSignal),
        StopTimeout = program.StopTimeout.ToModel(Defaults.StopTimeout),
        Umask = program.Umask,
        StdoutLogfile = Or(program.StdoutLogfile, Defaults.StdoutLogfile),
        StderrLogfile = Or(program.StderrLogfile, Defaults.StderrLogfile),
        RedirectStderr = program.RedirectStderr,
        RestartGeneration = program.RestartGeneration,
        ProcessName = Or(program.ProcessName, Defaults.ProcessName),
        NumProcs = program.HasNumprocs ? program.Numprocs : Defaults.NumProcs,
        NumProcsStart = program.NumprocsStart,
        Autostart = IsAutostart(program),
        StopAsGroup = program.StopAsGroup,
        Template = program.Template,
        After = [.. program.After],
        Backoff = new(
            (program.Backoff?.Initial).ToModel(Defaults.Backoff.Initial),
            (program.Backoff?.Longest).ToModel(Defaults.Backoff.Longest)),
        FatalRetryAfter = program.FatalRetryAfter.ToModel(Defaults.FatalRetryAfter),
        FatalAction = program.FatalAction.ToModel(),
        Readiness = program.Readiness.ToModel(),
        ReadyTimeout = program.ReadyTimeout.ToModel(Defaults.ReadyTimeout),
        Liveness = program.Liveness.ToModel(),
        Oneshot = program.Oneshot,
        RunOn = program.RunOn.ToModel(),
        StdoutLogfileMaxBytes = program.HasStdoutLogfileMaxbytes ? program.StdoutLogfileMaxbytes : Defaults.StdoutLogfileMaxBytes,
        StdoutLogfileBackups = program.HasStdoutLogfileBackups ? program.StdoutLogfileBackups : Defaults.StdoutLogfileBackups,
        StderrLogfileMaxBytes = program.HasStderrLogfileMaxbytes ? program.StderrLogfileMaxbytes : Defaults.StderrLogfileMaxBytes,
        StderrLogfileBackups = program.HasStderrLogfileBackups ? program.StderrLogfileBackups : Defaults.StderrLogfileBackups,
        LogfileMaxAge = program.LogfileMaxAge.ToModel(Defaults.LogfileMaxAge),
        LogfileCompress = program.LogfileCompress,
        Limits = program.Limits.ToModel(),
        Mode = program.Mode.ToModel(),
        Adopt = program.Adopt.ToModel(),
        Handed = [.. program.Handed.Select(handed => handed.ToModel())],
    };

    private static bool IsAutostart(V1.Program program) => program.HasAutostart ? program.Autostart : Defaults.Autostart;


    private static string Or(string value, string whenEmpty) => value.Length == 0 ? whenEmpty : value;
}
