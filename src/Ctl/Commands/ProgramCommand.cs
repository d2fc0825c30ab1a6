using System.CommandLine;
using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Import;
using HaGrpc.Ctl.Import.Emitting;
using HaGrpc.Ctl.Manifests;
using HaGrpc.Ctl.Manifests.Exporting;
using HaGrpc.Ctl.Manifests.Fields;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl program add|set|remove</c>: one program without a file. A manifest is written, and everything else is as for <c>apply</c>.</summary>
internal static class ProgramCommand
{
    private static readonly Origin Nowhere = new("", 0, "");

    internal static Command Create(CommandRunner runner) => new("program", "Register, change or delete one program without a manifest.")
    {
        Add(runner),
        Set(runner),
        DeleteCommand.CreateProgram(runner, "remove"),
        UpdateCommand.Create(runner),
    };

    private static Command Add(CommandRunner runner)
    {
        var name = new Argument<string>("NAME") { Description = "the program's name inside its group" };
        var assignments = Assignments(ArgumentArity.ZeroOrMore);
        var group = new Option<string>("--group") { Description = "the group it fails over with", Required = true, HelpName = "GROUP" };
        var dryRun = DryRun();
        var reason = ApplyCommand.Reason();
        var command = new Command("add", "Register a new program.") { name, assignments, group, dryRun, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        var options = FieldOptions();
        foreach (var (_, option) in options)
            command.Add(option);
        runner.Attach(command, async call =>
        {
            var map = new ManifestMap(Nowhere).Text("group", call.Parsed.GetValue(group)!).Text("name", call.Parsed.GetValue(name)!);
            foreach (var (field, option) in options)
            {
                if (call.Parsed.GetValue(option) is { } value)
                    FieldAssignment.Apply($"{field}={value}", ProgramFields.AtTop, map);
            }
            foreach (var assignment in call.Parsed.GetValue(assignments) ?? [])
                FieldAssignment.Apply(assignment, ProgramFields.AtTop, map);
            var full = $"{map.TextOf("group")}:{map.TextOf("name")}";
            if (await FindAsync(call, full).ConfigureAwait(false) is not null)
                throw new UsageException($"{full} is registered already: hactl program set {full} FIELD=VALUE changes it");
            return await ApplyAsync(call, map, call.Parsed.GetValue(dryRun), guard, call.Parsed.GetValue(reason)).ConfigureAwait(false);
        });
        return command;
    }

    private static Command Set(CommandRunner runner)
    {
        var program = new Argument<string>("GROUP:NAME") { Description = "the program, as it was registered" };
        var assignments = Assignments(ArgumentArity.OneOrMore);
        var dryRun = DryRun();
        var reason = ApplyCommand.Reason();
        var command = new Command("set", "Change fields of a program; the others stay as they are.") { program, assignments, dryRun, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, async call =>
        {
            var name = call.Parsed.GetValue(program)!;
            if (await FindAsync(call, name).ConfigureAwait(false) is not { } map)
            {
                call.Say($"no program is registered as '{name}'");
                return ExitCode.Refused;
            }
            foreach (var assignment in call.Parsed.GetRequiredValue(assignments))
            {
                if (assignment.StartsWith("name=", StringComparison.Ordinal) || assignment.StartsWith("group=", StringComparison.Ordinal))
                    throw new UsageException($"{assignment}: a program keeps its name and its group");
                FieldAssignment.Apply(assignment, ProgramFields.AtTop, map);
            }
            return await ApplyAsync(call, map, call.Parsed.GetValue(dryRun), guard, call.Parsed.GetValue(reason)).ConfigureAwait(false);
        });
        return command;
    }

    private static Argument<string[]> Assignments(ArgumentArity arity) => new("FIELD=VALUE")
    {
        Description = "fields as in a manifest: priority=100 environment.MODE=production exit_codes=0,2; FIELD= for the default",
        Arity = arity,
    };

    private static Option<bool> DryRun() => new("--dry-run") { Description = "validate and show what would change; store nothing" };

    /// <summary>An option for each field that has one value: --stop-timeout 30s.</summary>
    private static IReadOnlyList<(string Field, Option<string?> Option)> FieldOptions() =>
    [
        .. ProgramFields.AtTop.Fields.Where(field => field.Name is not ("name" or "group") && field.Shape is ScalarShape or WordsShape)
            .Select(field => (field.Name, new Option<string?>($"--{field.Name.Replace('_', '-')}")
            {
                Description = field.Meaning,
                HelpName = "VALUE",
                Required = field.IsRequired,
            })),
    ];

    /// <summary>What is registered under a name, as a manifest says it; null when nothing is.</summary>
    /// <exception cref="UsageException">It is a process of another program, or its processes differ.</exception>
    private static async Task<ManifestMap?> FindAsync(CommandRunner.Call call, string name)
    {
        var registry = await call.ControlPlane.Registry.ExportAsync(new(), call.Short).ConfigureAwait(false);
        var programs = registry.Programs.Select(p => p.ToModel()).ToArray();
        var processes = programs.Where(p => ProgramExpansion.TemplateOf(p).ToString() == name).ToArray();
        if (processes.Length > 0)
        {
            return ProcessTemplate.Of(processes) is { } program
                ? ProgramFields.AtTop.Of(program.ToProto())
                : throw new UsageException($"the processes of {name} differ in more than their number: apply a manifest");
        }
        if (programs.FirstOrDefault(p => p.Name.ToString() == name) is { } process)
            throw new UsageException($"{name} is a process of {ProgramExpansion.TemplateOf(process)}: name that");
        return null;
    }

    private static Task<int> ApplyAsync(CommandRunner.Call call, ManifestMap map, bool dryRun, GuardOptions guard, string? reason)
    {
        var document = new ManifestMap(Nowhere).Add("programs", new MapsValue([map]));
        return ApplyCommand.RunAsync(
            call, [new ManifestSource("command line", ManifestWriter.Write(document, []))], dryRun, choice: guard.Of(call.Parsed), reason: reason);
    }
}
