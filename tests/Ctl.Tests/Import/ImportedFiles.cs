using System.Text;
using HaGrpc.Contracts;
using HaGrpc.Ctl.Import;
using HaGrpc.Ctl.Import.Hosts;
using HaGrpc.Ctl.Import.Keepalived;
using HaGrpc.Ctl.Import.ProgramIni;
using HaGrpc.Ctl.Import.Supervisor;
using HaGrpc.Ctl.Manifests;
using HaGrpc.Ctl.Tests.Manifests;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Import;

/// <summary>A directory with files of an old host, and imports of them.</summary>
internal sealed class ImportedFiles : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hactl-import-");

    internal string Root => _directory.FullName;

    internal static ImportTarget Alone { get; } = new(new("a", null), [], null);

    internal static ImportTarget Pair { get; } = new(new("a", null), [new("b", null)], null);

    /// <summary>Imports one text as supervisord.conf.</summary>
    internal static Outcome Supervisor(string text, ImportTarget? target = null)
    {
        using var files = new ImportedFiles();
        return files.ImportSupervisor(target, files.Write("supervisord.conf", text));
    }

    /// <summary>Imports one text as keepalived.conf.</summary>
    internal static Outcome Keepalived(string text, ImportTarget? target = null)
    {
        using var files = new ImportedFiles();
        files.Write("keepalived.conf", text);
        return files.ImportKeepalived(target);
    }

    /// <summary>Imports one text as program.ini.</summary>
    internal static Outcome Card(string text)
    {
        using var files = new ImportedFiles();
        var file = files.Write("program.ini", text);
        return files.Outcome(Alone, manifest => CardImport.Run([file], Alone, manifest));
    }

    internal string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    internal string Write(string name, byte[] bytes)
    {
        var path = Path.Join(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    internal Outcome ImportSupervisor(ImportTarget? target, params string[] names) =>
        Outcome(target ?? Alone, manifest => SupervisorImport.Run(names, target ?? Alone, manifest));

    internal Outcome ImportKeepalived(ImportTarget? target = null) => Outcome(
        target ?? Pair, manifest => KeepalivedImport.Run([Path.Join(Root, "keepalived.conf")], new TheirOwnPlaces(), target ?? Pair, manifest));

    internal Outcome ImportHost(ImportTarget? target = null)
    {
        var manifest = new ImportedManifest();
        return Outcome(HostImport.Run(Root, target ?? Alone, manifest), manifest);
    }

    private Outcome Outcome(ImportTarget target, Action<ImportedManifest> import)
    {
        var manifest = new ImportedManifest();
        import(manifest);
        return Outcome(target, manifest);
    }

    // Whatever an import makes can be read and applied: every test asks that.
    private Outcome Outcome(ImportTarget target, ImportedManifest manifest)
    {
        var text = manifest.Text(target, "test");
        var read = text is null ? null : Read.Text(text);
        if (read is not null)
            Read.Errors(read).ShouldBe("", text);
        return new(text ?? "", read, Lines(manifest, isLost: true), Lines(manifest, isLost: false), manifest.Report.Problems);
    }

    private string[] Lines(ImportedManifest manifest, bool isLost) =>
        [.. manifest.Report.Findings.Where(finding => finding.IsLost == isLost).Select(finding => finding.ToString().Replace(Root + "/", "", StringComparison.Ordinal))];

    public void Dispose() => _directory.Delete(recursive: true);
}

/// <summary>What came of an import.</summary>
internal sealed record Outcome(string Text, Manifest? Manifest, string[] Lost, string[] Notes, IReadOnlyList<string> Problems)
{
    internal Model.Program Program => Programs.ShouldHaveSingleItem();

    internal Model.Program[] Programs => [.. Manifest!.Request.Programs.Select(program => program.ToModel())];

    internal Model.Group Group => Groups.ShouldHaveSingleItem();

    internal Model.Group[] Groups => [.. Manifest!.Request.Groups.Select(group => group.ToModel())];
}
