using System.CommandLine;
using System.Reflection;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl version</c>: of this program; connects to nobody.</summary>
internal static class VersionCommand
{
    /// <summary>For example <c>0.1.0</c>.</summary>
    internal static string Text { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The same without the commit that it was built of.</summary>
    internal static string Short => Text.Split('+')[0];

    internal static Command Create(GlobalOptions options, Surroundings surroundings)
    {
        var command = new Command("version", "Show the version of hactl.");
        command.SetAction(parsed =>
        {
            if (options.Json(parsed))
                Json.Write(options.PageOf(parsed, surroundings), new VersionJson(Text), shapes => shapes.VersionJson);
            else
                surroundings.Out.WriteLine(Text);
            return ExitCode.Done;
        });
        return command;
    }
}
