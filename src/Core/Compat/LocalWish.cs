using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Compat;

/// <summary>What an operator asked for on this host while the control plane was out of reach.</summary>
/// <param name="Program">Of which program.</param>
/// <param name="DesiredState">What.</param>
/// <param name="Epoch">Under which this host owned the group then: under another one it means nothing.</param>
public sealed record LocalWish(ProgramName Program, DesiredState DesiredState, long Epoch)
{
    /// <summary>The user of the host who asked; empty when nobody knows.</summary>
    public string By { get; init; } = "";

    /// <summary>When, by the host's wall clock: for display only. Null when nobody knows.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The programs as this host is to run them: wishes stand over what the control plane has stored.</summary>
    public static ImmutableArray<Program> Over(ImmutableArray<Program> programs, ImmutableDictionary<ProgramName, LocalWish> wishes)
    {
        ArgumentNullException.ThrowIfNull(wishes);
        return wishes.IsEmpty
            ? programs
            : [.. programs.Select(p => wishes.TryGetValue(p.Name, out var wish) ? p with { DesiredState = wish.DesiredState } : p)];
    }
}
