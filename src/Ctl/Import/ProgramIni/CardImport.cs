using System.Buffers;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.ProgramIni;

/// <summary>
/// A program's information card, <c>program.ini</c>: <c>PROGRAM_NAME</c> the file that is executed, <c>PROGRAM_PATH</c> its directory,
/// <c>PROGRAM_RUN</c> the command that a script <c>run.sh</c> gave to a shell there, <c>PROGRAM_INI</c> a configuration file of its own.
/// </summary>
internal static class CardImport
{
    private static readonly string[] Known = ["PROGRAM_NAME", "PROGRAM_PATH", "PROGRAM_RUN", "PROGRAM_INI"];

    private const string Shell = "/bin/sh";

    /// <summary>Characters that only a shell understands.</summary>
    private static readonly SearchValues<char> ForShells = SearchValues.Create("|&;<>()$`*?~");

    /// <summary>Reads cards and adds their programs to one group.</summary>
    internal static void Run(IEnumerable<string> files, ImportTarget target, ImportedManifest manifest)
    {
        var name = target.Group ?? ImportTarget.DefaultGroup;
        foreach (var file in files)
        {
            if (Read(file, manifest.Report) is not { } program)
                continue;
            var group = manifest.Groups.Find(there => there.TextOf("name") == name);
            if (group is null)
            {
                manifest.Groups.Add(group = new ManifestMap(program.Origin).Text("name", name));
                group.Fields.Add(target.Members(program.Origin, null, manifest.Report));
            }
            group.Items("programs").Add(program);
        }
    }

    /// <summary>The program of one card; null, and reported, when it names none.</summary>
    internal static ManifestMap? Read(string file, ImportReport report)
    {
        if (!LegacyText.TryRead(file, out var text, out var problem))
        {
            report.Fail(new(file, 0, ""), problem);
            return null;
        }
        var settings = ShellSettings.Read(file, text, report);
        if (settings.Find("PROGRAM_NAME") is not { } name || settings.Find("PROGRAM_RUN") is not { } run)
        {
            report.Lose(new(file, 0, ""), "a program's card needs PROGRAM_NAME and PROGRAM_RUN");
            return null;
        }
        var program = new ManifestMap(name.Origin);
        program.Comments.AddRange(settings.Comments);
        program.Text("name", ObjectName.Of(Path.GetFileNameWithoutExtension(name.Value), name.Origin, report), name.Origin);
        var directory = settings.Find("PROGRAM_PATH");
        program.Text("command", Command(run, directory?.Value, report), run.Origin);
        if (directory is not null)
            program.Text("directory", Escaped(directory.Value), directory.Origin);
        if (settings.Find("PROGRAM_INI") is { } ini && !run.Value.Contains(ini.Value, StringComparison.Ordinal))
            report.Lose(ini.Origin, $"{ini.Value}: the command does not name it; see whether the program finds its configuration by itself");
        foreach (var other in settings.All.Where(setting => !Known.Contains(setting.Name)))
            report.Lose(other.Origin, $"{other.Value}: unknown in a program's card");
        report.Note(run.Origin, "how often it is started again was run.sh's affair; Supervisor's defaults hold here (restart: unexpected). So was its user: without one it runs as the agent does");
        return program;
    }

    private static string Command(Setting run, string? directory, ImportReport report)
    {
        var command = run.Value.Trim();
        var bare = command.TrimEnd('&', ' ');
        if (bare.StartsWith("nohup ", StringComparison.Ordinal))
            bare = bare["nohup ".Length..].Trim();
        if (bare != command)
            report.Note(run.Origin, $"{command}: a supervised program stays in the foreground; nohup and & are left out");
        if (bare.AsSpan().ContainsAny(ForShells))
        {
            report.Note(run.Origin, $"{bare}: needs a shell; {Shell} replaces itself by the program where it can");
            return $"{Shell} -c {Quoted($"exec {Escaped(bare)}")}";
        }
        // What is written relative to its directory is found by its whole path, on whatever host.
        if (directory is not null && bare.StartsWith("./", StringComparison.Ordinal))
            bare = $"{directory.TrimEnd('/')}/{bare[2..]}";
        return Escaped(bare);
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Escaped(string text) => text.Replace("%", "%%", StringComparison.Ordinal);
}
