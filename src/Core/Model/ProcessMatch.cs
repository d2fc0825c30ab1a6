namespace HaGrpc.Core.Model;

/// <summary>Says which process is a program's while somebody else runs it. At most one of pid, pidfile and command; none of them: its own
/// command.</summary>
/// <param name="Pid">Process id; 0 when it is not said.</param>
/// <param name="Pidfile">Absolute path of a file that begins with the process id; empty when it is not said.</param>
/// <param name="Command">A regular expression that is found in the arguments, joined by spaces; empty when it is not said.</param>
/// <param name="User">Whose process it is, by name or number; empty for the program's user.</param>
public sealed record ProcessMatch(int Pid = 0, string Pidfile = "", string Command = "", string User = "");

/// <summary>Exactly one process, for as long as it lives: no other of the same boot has the same pid and start.</summary>
/// <param name="Host">The host.</param>
/// <param name="Boot">The boot of its kernel.</param>
/// <param name="Pid">Process id.</param>
/// <param name="StartTime">Clock ticks since boot when it started.</param>
public sealed record HandedProcess(string Host, Guid Boot, int Pid, long StartTime);
