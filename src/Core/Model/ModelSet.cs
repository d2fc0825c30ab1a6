using System.Collections.Immutable;

namespace HaGrpc.Core.Model;

/// <summary>Hosts, groups and programs that are looked at together: what a request brings, or what is stored.</summary>
/// <param name="Hosts">In the order of the request; positions appear in <see cref="FieldError.Path"/>.</param>
/// <param name="Groups">Likewise.</param>
/// <param name="Programs">Likewise. Of what is stored, the default array says that its programs are not known.</param>
public sealed record ModelSet(
    ImmutableArray<Host> Hosts,
    ImmutableArray<Group> Groups,
    ImmutableArray<Program> Programs)
{
    /// <summary>The programs, as far as they are known.</summary>
    public ImmutableArray<Program> KnownPrograms => Programs.IsDefault ? [] : Programs;

    /// <summary>Nothing at all.</summary>
    public static ModelSet Empty { get; } = new([], [], []);
}
