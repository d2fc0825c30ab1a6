using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>Who runs what, and which process is whose, on the wire and in the model.</summary>
public static class HandoverMapping
{
    /// <summary>The wire's value.</summary>
    public static V1.SupervisionMode ToProto(this Model.SupervisionMode mode) =>
        mode == Model.SupervisionMode.Observe ? V1.SupervisionMode.Observe : V1.SupervisionMode.Manage;

    /// <summary>The model's value. Unspecified is manage; a value of a newer version is observe: hands off.</summary>
    public static Model.SupervisionMode ToModel(this V1.SupervisionMode mode) =>
        mode is V1.SupervisionMode.Unspecified or V1.SupervisionMode.Manage ? Model.SupervisionMode.Manage : Model.SupervisionMode.Observe;

    /// <summary>The message of a match; null for none.</summary>
    public static V1.ProcessMatch? ToProto(this Model.ProcessMatch? match) => match is null ? null : new()
    {
        Pid = match.Pid,
        Pidfile = match.Pidfile,
        Command = match.Command,
        User = match.User,
    };

    /// <summary>The match of a message; null for none. Nothing is validated here.</summary>
    public static Model.ProcessMatch? ToModel(this V1.ProcessMatch? match) =>
        match is null ? null : new(match.Pid, match.Pidfile, match.Command, match.User);

    /// <summary>The message of a process that was handed over.</summary>
    public static V1.HandedProcess ToProto(this Model.HandedProcess handed) => new()
    {
        Host = handed.Host,
        BootId = handed.Boot.ToString(),
        Pid = handed.Pid,
        StartTime = handed.StartTime,
    };

    /// <summary>The process of a message.</summary>
    public static Model.HandedProcess ToModel(this V1.HandedProcess handed) => new(
        handed.Host, Guid.TryParse(handed.BootId, out var boot) ? boot : Guid.Empty, handed.Pid, handed.StartTime);
}
