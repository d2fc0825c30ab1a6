using HaGrpc.Core.Model;

namespace HaGrpc.Core.Handover;

/// <summary>A program that is ours, and whose process still has the parent that would start it again.</summary>
/// <param name="Program">The program.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Parent">The parent's name.</param>
/// <param name="ParentPid">The parent.</param>
public sealed record FormerParent(ProgramName Program, int Pid, string Parent, int ParentPid);
