using System.Collections.Immutable;
using Google.Protobuf;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What a change of the registry was before and is now, for the audit.</summary>
internal static class RegistryAudit
{
    /// <summary>Notes what was applied.</summary>
    public static void Note(AuditNotes notes, ImmutableArray<ObjectChange> made, RegistrySnapshot stored, RegistryChanges wanted)
    {
        var before = new Dictionary<string, IMessage>(StringComparer.Ordinal);
        foreach (var host in stored.Hosts)
            before[$"host/{host.Spec.Name}"] = host.Spec.ToProto();
        foreach (var group in stored.Groups)
            before[$"group/{group.Spec.Name}"] = group.Spec.ToProto();
        foreach (var program in stored.Programs)
            before[$"program/{program.Spec.Name}"] = program.Spec.ToProto();
        var after = new Dictionary<string, IMessage>(StringComparer.Ordinal);
        foreach (var host in wanted.Hosts)
            after[$"host/{host.Name}"] = host.ToProto();
        foreach (var group in wanted.Groups)
            after[$"group/{group.Name}"] = group.ToProto();
        foreach (var program in wanted.Programs)
        {
            // What an operator stopped or restarted stays so, unless the manifest says it.
            var known = stored.Programs.FirstOrDefault(p => p.Spec.Name == program.Name)?.Spec;
            after[$"program/{program.Name}"] = (known is null ? program : program with
            {
                DesiredState = wanted.DesiredStates.Contains(program.Name) ? program.DesiredState : known.DesiredState,
                RestartGeneration = known.RestartGeneration,
            }).ToProto();
        }
        foreach (var change in made.Where(c => c.Kind != ChangeKind.Unchanged))
        {
            notes.Change(
                change.Object,
                change.Kind == ChangeKind.Created ? null : before.GetValueOrDefault(change.Object),
                change.Kind == ChangeKind.Removed ? null : after.GetValueOrDefault(change.Object));
        }
    }

    /// <summary>Notes which programs were started, stopped or restarted.</summary>
    public static void Note(
        AuditNotes notes, ImmutableArray<ObjectChange> made, IEnumerable<RegisteredProgram> programs, Func<RegisteredProgram, DesiredAction> done)
    {
        var changed = made.Where(c => c.Kind == ChangeKind.Updated).Select(c => c.Object).ToHashSet(StringComparer.Ordinal);
        foreach (var program in programs.Where(p => changed.Contains($"program/{p.Spec.Name}")))
        {
            var (spec, action) = (program.Spec, done(program));
            notes.Change($"program/{spec.Name}", spec.ToProto(), (spec with
            {
                DesiredState = action == DesiredAction.Stop ? DesiredState.Stopped : DesiredState.Running,
                RestartGeneration = spec.RestartGeneration + (action == DesiredAction.Restart ? 1 : 0),
            }).ToProto());
        }
    }
}
