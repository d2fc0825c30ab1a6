namespace HaGrpc.Core.Model;

/// <summary>One phase of a change of owner, with what it took.</summary>
/// <param name="Name">For example <c>suspect</c>, <c>claim</c>, <c>announce</c>, <c>program:web</c>.</param>
/// <param name="Offset">From the begin of the whole to the begin of this phase.</param>
/// <param name="Duration">How long the phase took.</param>
/// <param name="Error">What went wrong; empty when it went well.</param>
public sealed record Step(string Name, TimeSpan Offset, TimeSpan Duration, string Error = "");
