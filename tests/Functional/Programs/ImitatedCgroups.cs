namespace HaGrpc.Functional.Tests.Programs;

/// <summary>
/// A plain folder with the files of a cgroup v2 whose controllers are there, for machines that have them in the older hierarchy. Nothing
/// is limited by it; it shows what is written, and the test writes what the kernel would.
/// </summary>
internal sealed class ImitatedCgroups : IDisposable
{
    public const string Name = "programs";
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("ha-cgroup-");

    /// <param name="controllers">What cgroup.controllers lists.</param>
    public ImitatedCgroups(string controllers = "cpu memory pids")
    {
        foreach (var folder in (string[])[Parent, Path.Combine(Parent, Name)])
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "cgroup.controllers"), $"{controllers}\n");
            File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), "");
            File.WriteAllText(Path.Combine(folder, "cgroup.kill"), "");
        }
    }

    public string Parent => _parent.FullName;

    /// <summary>A program's cgroup with these files of the controllers, empty, and those of its own.</summary>
    public void Add(string program, params string[] files)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Parent, Name, $"{RunningHost.Group}:{program}")).FullName;
        foreach (var file in (string[])["cgroup.procs", "cgroup.kill", .. files])
            File.WriteAllText(Path.Combine(folder, file), "");
        File.WriteAllText(Path.Combine(folder, "cgroup.events"), "populated 0\n");
    }

    /// <summary>Path of a file in a program's cgroup.</summary>
    public string PathOf(string program, string file) => Path.Combine(Parent, Name, $"{RunningHost.Group}:{program}", file);

    /// <summary>What was written there last.</summary>
    public string this[string program, string file] => File.ReadAllText(PathOf(program, file));

    public void Dispose() => _parent.Delete(recursive: true);
}
