using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Manifests.Fields;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Manifests.Differences;

/// <summary>The fields in which the objects of a manifest differ from what is registered.</summary>
/// <param name="registry">What is registered.</param>
/// <param name="request">What the manifest says.</param>
internal sealed class ManifestDifferences(ExportResponse registry, ApplyRequest request)
{
    /// <summary>The fields in which an earlier or later state differs from what is registered.</summary>
    /// <param name="registry">What is registered.</param>
    /// <param name="other">The other state. What is asked of its programs is not compared: that is no part of a state.</param>
    internal static ManifestDifferences Between(ExportResponse registry, ExportResponse other)
    {
        var request = new ApplyRequest();
        request.Hosts.AddRange(other.Hosts);
        request.Groups.AddRange(other.Groups);
        foreach (var process in other.Programs)
        {
            var program = process.Clone();
            program.DesiredState = V1.DesiredState.Unspecified;
            request.Programs.Add(program);
        }
        return new(registry, request);
    }

    /// <summary>The fields of an object, named as an apply names it (<c>program/web:http</c>); none when it is not in the manifest.</summary>
    internal IReadOnlyList<FieldDifference> Of(string named)
    {
        var slash = named.IndexOf('/', StringComparison.Ordinal);
        var name = named[(slash + 1)..];
        return named[..Math.Max(slash, 0)] switch
        {
            "host" when request.Hosts.FirstOrDefault(h => h.Name == name) is { } host =>
                Between(HostFields.Section, registry.Hosts.FirstOrDefault(h => h.Name == name), host),
            "group" when request.Groups.FirstOrDefault(g => g.Name == name) is { } group =>
                Between(GroupFields.Section, registry.Groups.FirstOrDefault(g => g.Name == name), group),
            "program" => Program(name),
            _ => [],
        };
    }

    private IReadOnlyList<FieldDifference> Program(string name)
    {
        foreach (var program in request.Programs.Where(p => name.StartsWith(p.Group + ":", StringComparison.Ordinal)))
        {
            if (ProgramExpansion.Of(program.ToModel()).FirstOrDefault(process => process.Name.ToString() == name) is not { } process)
                continue;
            var stored = registry.Programs.FirstOrDefault(p => $"{p.Group}:{p.Name}" == name);
            var fields = Between(ProgramFields.InGroup, stored, process.ToProto());
            var isAsked = stored is not null && program.DesiredState != V1.DesiredState.Unspecified && program.DesiredState != stored.DesiredState;
            return isAsked ? [.. fields, new("desired", Word(stored!.DesiredState), Word(program.DesiredState))] : fields;
        }
        return [];
    }

    private static string Word(V1.DesiredState state) => state == V1.DesiredState.Stopped ? "stopped" : "running";

    // Of a new object only what is not the default; of a known one all, so that a default that comes or goes is shown as what it is.
    private static IReadOnlyList<FieldDifference> Between<T>(Section<T> section, T? stored, T wanted)
        where T : class =>
        FieldDifference.Between(stored is null ? null : section.Of(stored, all: true), section.Of(wanted, all: stored is not null));
}
