using System.Diagnostics;

namespace HaGrpc.Functional.Tests.Processes;

/// <summary>
/// Writes a file that is executed soon, by a process of its own: had this one it open for writing, a child that another test forks at that
/// instant would have it open as well until its exec, and whoever executes the file meanwhile is told "Text file busy".
/// </summary>
internal static class Executable
{
    /// <returns>The path.</returns>
    public static string Write(string path, string text)
    {
        using var writer = Process.Start(
            new ProcessStartInfo("sh", ["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh", path]) { RedirectStandardInput = true })!;
        writer.StandardInput.Write(text);
        writer.StandardInput.Close();
        writer.WaitForExit();
        writer.ExitCode.ShouldBe(0, path);
        return path;
    }
}
