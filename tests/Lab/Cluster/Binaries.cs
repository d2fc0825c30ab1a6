namespace HaGrpc.Lab.Cluster;

/// <summary>Where scripts/build.sh has put the programs.</summary>
internal sealed record Binaries(string Agent, string Shim, string ControlPlane, string Hactl, string LabProgram)
{
    /// <summary>Finds them beside this program: artifacts/ha-lab.d, artifacts/bin, artifacts/lab.</summary>
    /// <exception cref="FileNotFoundException">One is missing.</exception>
    public static Binaries Find()
    {
        var artifacts = Path.GetDirectoryName(Path.GetDirectoryName(Environment.ProcessPath))!;
        var bin = Path.Combine(artifacts, "bin");
        return new(
            Existing(bin, "ha-agent"), Existing(bin, "ha-shim"), Existing(bin, "ha-controlplane"), Existing(bin, "hactl"),
            Existing(Path.Combine(artifacts, "lab"), "lab-program"));
    }

    private static string Existing(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: run scripts/build.sh --lab", path);
    }
}
