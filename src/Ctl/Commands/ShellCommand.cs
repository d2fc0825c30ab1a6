using System.CommandLine;
using HaGrpc.Ctl.Shell;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl shell</c>: commands one after another, with history and completion.</summary>
internal static class ShellCommand
{
    internal const string Name = "shell";

    internal static Command Create(GlobalOptions options, Surroundings surroundings)
    {
        var command = new Command(Name, "Take commands one after another, with history and completion.");
        command.SetAction((parsed, cancellation) => new InteractiveShell(options.Given(parsed), surroundings).RunAsync(cancellation));
        return command;
    }
}
