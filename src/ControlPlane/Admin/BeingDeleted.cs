using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Names that are not free yet: what has them is being deleted.</summary>
internal static class BeingDeleted
{
    /// <summary>Why names cannot be registered now.</summary>
    /// <param name="groups">Names of groups to register.</param>
    /// <param name="hosts">Names of hosts to register.</param>
    /// <param name="registered">What is registered, with what is being deleted.</param>
    public static IEnumerable<(string Object, string Why)> Among(IEnumerable<string> groups, IEnumerable<string> hosts, RegistrySnapshot registered) =>
    [
        .. hosts.Select(h => ($"host/{h}", Why: WhyNot(registered.Hosts.FirstOrDefault(s => s.Spec.Name == h)?.Retirement))).Where(o => o.Why.Length > 0),
        .. groups.Select(g => ($"group/{g}", Why: WhyNot(registered.Groups.FirstOrDefault(s => s.Spec.Name == g)?.Retirement))).Where(o => o.Why.Length > 0),
    ];

    /// <summary>The same as errors of a request.</summary>
    public static IEnumerable<FieldError> Errors(ModelSet model, RegistrySnapshot registered)
    {
        for (var h = 0; h < model.Hosts.Length; h++)
        {
            foreach (var (_, why) in Among([], [model.Hosts[h].Name], registered))
                yield return new($"hosts[{h}].name", model.Hosts[h].Name, why);
        }
        for (var g = 0; g < model.Groups.Length; g++)
        {
            foreach (var (_, why) in Among([model.Groups[g].Name], [], registered))
                yield return new($"groups[{g}].name", model.Groups[g].Name, why);
        }
    }

    private static string WhyNot(Retirement? retirement) =>
        retirement is null ? "" : $"it is {retirement}, and has not ended yet: see hactl groups, and register it again when it is gone";
}
