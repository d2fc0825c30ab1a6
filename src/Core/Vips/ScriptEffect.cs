namespace HaGrpc.Core.Vips;

/// <summary>What is to be done about a VIP's script.</summary>
public abstract record ScriptEffect;

/// <summary>Run it; answer <see cref="VipScript.Ended"/> when it is over or was given up.</summary>
/// <param name="Verb">For what.</param>
/// <param name="Timeout">Then its whole process tree is killed, and that is a failure.</param>
public sealed record RunScript(ScriptVerb Verb, TimeSpan Timeout) : ScriptEffect;

/// <summary>Kill what runs; it ends all the same.</summary>
/// <param name="Why">Why, for people.</param>
public sealed record CutScript(string Why) : ScriptEffect;

/// <summary>The first claim is over, or was not needed: what waits for it goes on, however it ended.</summary>
public sealed record ClaimTried : ScriptEffect;

/// <summary>The release is over, however it ended.</summary>
public sealed record ReleaseTried : ScriptEffect;

/// <summary>Tell the history.</summary>
/// <param name="Kind">The event's kind.</param>
/// <param name="Words">What the script said, for people.</param>
public sealed record TellScript(string Kind, string Words) : ScriptEffect;
