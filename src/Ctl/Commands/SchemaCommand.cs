using System.CommandLine;
using HaGrpc.Ctl.Manifests.Schema;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl schema</c>: manifests as a JSON schema, for editors. Asks no control plane.</summary>
internal static class SchemaCommand
{
    internal static Command Create(Surroundings surroundings)
    {
        var command = new Command("schema", "Write the JSON schema of manifests, for editors.");
        command.SetAction(_ =>
        {
            surroundings.Out.Write(ManifestSchema.Text());
            return ExitCode.Done;
        });
        return command;
    }
}
