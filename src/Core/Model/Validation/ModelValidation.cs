using System.Collections.Immutable;

namespace HaGrpc.Core.Model.Validation;

/// <summary>
/// Says everything that is wrong with a request, at once. Pure: hactl asks before it sends anything, the control plane
/// asks again with what is stored, in the transaction that would store it.
/// </summary>
public static class ModelValidation
{
    /// <summary>Checks hosts, groups and programs of a request, each by itself and against each other.</summary>
    /// <param name="request">What an operator wants to be stored; objects of the same name replace stored ones.</param>
    /// <param name="stored">What is stored already. Null when that is not known: then a name that the request does not
    /// bring itself is taken to exist.</param>
    /// <returns>Every error, in the order of hosts, groups, programs; empty when the request may be applied.</returns>
    public static ImmutableArray<FieldError> Validate(ModelSet request, ModelSet? stored)
    {
        var errors = new List<FieldError>();
        for (var i = 0; i < request.Hosts.Length; i++)
            HostRules.Check(request.Hosts[i], $"hosts[{i}]", errors);
        for (var i = 0; i < request.Groups.Length; i++)
            GroupRules.Check(request.Groups[i], $"groups[{i}]", errors);
        for (var i = 0; i < request.Programs.Length; i++)
            ProgramRules.Check(request.Programs[i], $"programs[{i}]", errors);
        UniqueRules.Check(request, stored, errors);
        ReferenceRules.Check(request, stored, errors);
        SyncGroupRules.Check(request, stored, errors);
        OrderRules.Check(request, stored, errors);
        SharedLogRules.Check(request, stored, errors);
        return [.. errors.OrderBy(error => Kind(error.Path))];
    }

    // OrderBy is stable: inside a kind the order of discovery stays.
    private static int Kind(string path) => path[0] switch { 'h' => 0, 'g' => 1, _ => 2 };
}
