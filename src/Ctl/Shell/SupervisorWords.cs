using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Shell;

/// <summary>Words of supervisorctl that hactl has not, and what is there instead.</summary>
internal static class SupervisorWords
{
    /// <summary>What to tell whoever types it; null for a word that supervisorctl has not either.</summary>
    internal static string? Hint(string word) => word switch
    {
        "fg" => Speech.Of("fg: there is no input to a program from here; tail -f GROUP:PROGRAM shows its output"),
        "maintail" => Speech.Of("maintail: the control plane's log is on its host; events -f shows what happens"),
        "reread" => Speech.Of("reread: nothing is read behind your back; diff -f FILE shows what an apply would change"),
        "update" => Speech.Of("update: apply -f FILE registers what is new; program update GROUP:NAME takes a new release"),
        "add" => Speech.Of("add: program add NAME --group GROUP --command COMMAND, or apply -f FILE"),
        "remove" => Speech.Of("remove: program remove GROUP:NAME, or apply --prune -f FILE without it"),
        "avail" => Speech.Of("avail: status shows all programs, export what is registered"),
        "pid" => Speech.Of("pid: status -o wide shows pids"),
        "clear" => Speech.Of("clear: log files are rotated by size and age, and not emptied from here"),
        "signal" => Speech.Of("signal: signals are sent on the program's host; restart GROUP:PROGRAM starts it anew"),
        "shutdown" => Speech.Of("shutdown: there is no switch that stops everything; drain HOST empties a host, stop GROUP stops a group"),
        "reload" => Speech.Of("reload: agents and control planes are restarted on their hosts, which no program notices"),
        "open" => Speech.Of("open: hactl --endpoint URL shell, or a context, goes elsewhere"),
        _ => null,
    };
}
