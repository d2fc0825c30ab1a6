using System.Collections.Immutable;

namespace HaGrpc.Core.Model;

/// <summary>A directory that the programs of a group need the same on every member.</summary>
/// <param name="Path">Absolute, with nothing to normalize; no directory of the same group lies in another one.</param>
public sealed record GroupDirectory(string Path)
{
    /// <summary>What teams that copy every few minutes can keep, with one copy that takes long or fails.</summary>
    public static readonly TimeSpan DefaultMaxLag = TimeSpan.FromMinutes(10);

    /// <summary>So many patterns a directory has at most.</summary>
    public const int MostExcluded = 64;

    /// <summary>What may differ between members, see <see cref="ExcludePattern"/>.</summary>
    public ImmutableArray<string> Exclude
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>What has changed on the owner less than this ago may be missing elsewhere, 1 s to 168 h.</summary>
    public TimeSpan MaxLag { get; init; } = DefaultMaxLag;
}
