using System.Collections.Immutable;

namespace HaGrpc.Core.Hooks;

/// <summary>The hooks of one occasion.</summary>
/// <param name="Occasion">What has happened.</param>
/// <param name="Facts">What they are told.</param>
/// <param name="Calls">What is to run, in order; may be empty.</param>
public sealed record HookBatch(HookOccasion Occasion, HookFacts Facts, ImmutableArray<HookCall> Calls);

/// <summary>One call of a batch.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Call">The call.</param>
public sealed record HookTurn(HookBatch Batch, HookCall Call);

/// <summary>What is to be done about the hooks of a group.</summary>
public abstract record HookEffect;

/// <summary>Start a hook; answer <see cref="HookLine.Ended"/> when it is over or was given up.</summary>
/// <param name="Turn">Which.</param>
public sealed record StartHook(HookTurn Turn) : HookEffect;

/// <summary>Kill the hook that runs; it ends all the same.</summary>
/// <param name="Why">Why, for people.</param>
public sealed record CutHook(string Why) : HookEffect;

/// <summary>Tell that a hook does not run.</summary>
/// <param name="Turn">Which.</param>
/// <param name="Why">Why, for people.</param>
public sealed record SkipHook(HookTurn Turn, string Why) : HookEffect;

/// <summary>Nothing of a batch runs or waits any more.</summary>
/// <param name="Batch">The batch.</param>
public sealed record BatchOver(HookBatch Batch) : HookEffect;
