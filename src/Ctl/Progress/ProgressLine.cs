namespace HaGrpc.Ctl.Progress;

/// <summary>What is under way: a program on a host, or a group.</summary>
/// <param name="Name">For example <c>web:http</c>, or <c>web</c>.</param>
/// <param name="State">As status and groups say it.</param>
/// <param name="Host">Where; empty for nowhere.</param>
internal sealed record ProgressLine(string Name, string State, string Host);
