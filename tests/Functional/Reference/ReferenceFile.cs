using System.Runtime.CompilerServices;

namespace HaGrpc.Functional.Tests.Reference;

/// <summary>A file of the tree that is written from the source, and compared with it by whoever changes either.</summary>
internal static class ReferenceFile
{
    /// <summary>Set, the files are written instead of compared: <c>scripts/reference.sh</c>.</summary>
    private const string Write = "HAGRPC_WRITE_REFERENCE";

    /// <summary>The tree.</summary>
    public static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));

    public static void ShouldBe(string path, string text)
    {
        var file = Path.Combine(Root(), path);
        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            File.WriteAllText(file, text);
        File.ReadAllText(file).ShouldBe(text, $"{path} is not what the source says: scripts/reference.sh writes it anew");
    }
}
