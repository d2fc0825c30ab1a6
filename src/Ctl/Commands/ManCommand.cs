using System.CommandLine;
using System.Globalization;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Manual;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl man</c>: the manual, from the tree that parses command lines. For packages and for the reference; hidden, since operators have <c>man hactl</c>.</summary>
internal static class ManCommand
{
    // The end of the year 9999.
    private const long MostSeconds = 253_402_300_800;

    internal static Command Create(Surroundings surroundings)
    {
        var directory = new Option<string?>("--dir") { Description = "where a page for each command goes; else the first page to standard output", HelpName = "DIR" };
        var markdown = new Option<bool>("--markdown") { Description = "the reference of all commands as one document" };
        var command = new Command("man", "Write the pages of the manual.") { directory, markdown };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var root = Hactl.Tree(surroundings).Root;
            if (parsed.GetValue(markdown))
                surroundings.Out.Write(CommandReference.Text(root));
            else if (parsed.GetValue(directory) is { } folder)
                return Write(root, folder, surroundings);
            else
                surroundings.Out.Write(ManPage.Of(CommandPage.All(root).First(), VersionCommand.Short, Day(surroundings)));
            return ExitCode.Done;
        });
        return command;
    }

    // Who builds packages twice wants the same pages twice (reproducible-builds.org).
    private static string Day(Surroundings surroundings)
    {
        var day = long.TryParse(surroundings.Variable("SOURCE_DATE_EPOCH"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < MostSeconds
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : surroundings.Time.GetUtcNow();
        return day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private static int Write(RootCommand root, string folder, Surroundings surroundings)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var page in CommandPage.All(root))
                File.WriteAllText(Path.Join(folder, $"{ManPage.NameOf(page)}.1"), ManPage.Of(page, VersionCommand.Short, Day(surroundings)));
            return ExitCode.Done;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            surroundings.Error.Tell($"hactl: --dir {folder}: cannot be written: {error.Message}");
            return ExitCode.BadInput;
        }
    }
}
