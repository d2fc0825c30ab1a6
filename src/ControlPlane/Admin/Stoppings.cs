using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;
using ProgramSpec = HaGrpc.Core.Model.Program;
using ProgramState = HaGrpc.V1.ProgramState;
using RunOn = HaGrpc.Core.Model.RunOn;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What a deletion ends, and where.</summary>
internal static class Stoppings
{
    /// <summary>One entry for each object and host on which something of it runs, or may run. On the loop's thread.</summary>
    /// <param name="changes">What goes.</param>
    /// <param name="stored">What is registered.</param>
    /// <param name="tenure">Knows who owns what, and what runs.</param>
    public static IEnumerable<Stopping> Of(RegistryChanges changes, RegistrySnapshot stored, Tenure tenure)
    {
        foreach (var name in changes.RetiredGroups)
        {
            var group = stored.Groups.First(g => g.Spec.Name == name).Spec;
            var places = ProgramPlaces.Of(tenure, name);
            var hosts = places.Members.Prepend(places.Owner).Where(p => p.Host.Length > 0).DistinctBy(p => p.Host);
            foreach (var place in hosts)
            {
                var isOwner = place.Host == places.Owner.Host && tenure.Notes.Of(name) is { EndedAt: null };
                var stopping = new Stopping { Object = $"group/{name}", Host = place.Host, Detail = place.Silence };
                stopping.Programs.AddRange(stored.Programs.Select(p => p.Spec)
                    .Where(p => p.Name.Group == name && (isOwner || p.RunOn == RunOn.All) && Runs(p, place, tenure)).Select(p => p.Name.ToString()));
                if (isOwner)
                    stopping.Vips.AddRange(group.Vips.Select(v => v.Address));
                if (isOwner || stopping.Programs.Count > 0)
                    yield return stopping;
            }
        }
        foreach (var name in changes.DeletedPrograms)
        {
            var program = stored.Programs.First(p => p.Spec.Name == name).Spec;
            foreach (var place in ProgramPlaces.Of(tenure, name.Group).Of(program))
            {
                if (place.Host.Length > 0 && Runs(program, place, tenure))
                    yield return new Stopping { Object = $"program/{name}", Host = place.Host, Programs = { name.ToString() }, Detail = place.Silence };
            }
        }
    }

    private static bool Runs(ProgramSpec program, ProgramPlace place, Tenure tenure) =>
        tenure.Programs.Of(place.Host, program.Name)?.State
            is ProgramState.Running or ProgramState.Starting or ProgramState.Stopping or ProgramState.Backoff;
}
