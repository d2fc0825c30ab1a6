using System.CommandLine;
using System.Reflection;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl version</c>: of this program; connects to nobody.</summary>
internal static class VersionCommand
{
    internal static Command Create(GlobalOptions options, Surroundings surroundings)
    {
        var command = new Command("version", "Show the version of hactl.");
        command.SetAction(parsed =>
        {
            var version = typeof(VersionCommand).Assembly
                .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
            if (options.Json(parsed))
                Json.Write(surroundings.Out, new VersionJson(version), shapes => shapes.VersionJson);
            else
                surroundings.Out.WriteLine(version);
            return ExitCode.Done;
        });
        return command;
    }
}
