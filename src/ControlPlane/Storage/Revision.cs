using System.Collections.Immutable;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>A change of what is registered, as it was made in one transaction (docs/adr/0028).</summary>
/// <param name="Number">The configuration revision that it made. Drains, locks, starts and stops raise that too, and are no changes of what is
/// registered: numbers rise, with gaps.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who asked; empty for the revision that stands for everything from before revisions were kept.</param>
/// <param name="Cause">What was asked, for the operator: <c>apply</c>, <c>rollback to 7</c>.</param>
/// <param name="Changes">What became of each object that changed, in the order of their names.</param>
internal sealed record Revision(long Number, DateTimeOffset At, string Actor, string Cause, ImmutableArray<RevisionChange> Changes);

/// <summary>An object before and after a revision. What operators change day by day, whether a program is to run, is no part of it.</summary>
/// <param name="Object"><c>host/NAME</c>, <c>group/NAME</c> or <c>program/GROUP:NAME</c>.</param>
/// <param name="Before">Its document; null when it did not exist.</param>
/// <param name="After">Its document; null when it does not exist any more.</param>
internal sealed record RevisionChange(string Object, string? Before, string? After);
