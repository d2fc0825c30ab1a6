using System.Globalization;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Lab.Kernel;

namespace HaGrpc.Functional.Tests.Processes;

/// <summary>Who may still write into a directory that is about to be removed: whoever lives below it, and whoever was told of it, as a shim
/// that was just started and has not come to its directory yet.</summary>
internal static class Residents
{
    // A process that has no arguments for longer than that will have none.
    private static readonly TimeSpan Exec = TimeSpan.FromSeconds(10);

    /// <summary>Waits until nobody is left.</summary>
    public static void AwaitNone(string directory)
    {
        var watch = new BootWatch();
        SpinWait.SpinUntil(() => !MayHideOne(watch) && !Of(directory).Any(), Until.Bound)
            .ShouldBeTrue($"nobody lives in {directory}: {string.Join(", ", Of(directory))}");
    }

    /// <summary>Kills everybody and waits for their end.</summary>
    public static void End(string directory)
    {
        var watch = new BootWatch();
        SpinWait.SpinUntil(
            () =>
            {
                var mayHide = MayHideOne(watch);
                var pids = Of(directory).ToArray();
                foreach (var pid in pids)
                    _ = Libc.Kill(pid, Libc.SigKill);
                return pids.Length == 0 && !mayHide;
            },
            Until.Bound).ShouldBeTrue($"whoever lives in {directory} ends: {string.Join(", ", Of(directory))}");
    }

    /// <summary>Their process ids; a zombie has neither a directory nor arguments.</summary>
    public static IEnumerable<int> Of(string directory) => Directory.EnumerateDirectories("/proc")
        .Select(process => int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0 && pid != Environment.ProcessId && IsOf(pid, directory));

    /// <summary>Whether some process is between the moment in which its parent goes on and the one in which its arguments are there, both of its exec.</summary>
    private static bool MayHideOne(BootWatch watch) => watch.Elapsed < Exec && Directory.EnumerateDirectories("/proc").Any(IsBeingExecuted);

    private static bool IsBeingExecuted(string process)
    {
        try
        {
            // Neither a zombie nor a thread of the kernel has an executable.
            return char.IsAsciiDigit(Path.GetFileName(process)[0]) && File.ReadAllText($"{process}/cmdline").Length == 0
                && new FileInfo($"{process}/exe").LinkTarget is not null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsOf(int pid, string directory)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/cwd").LinkTarget?.StartsWith(directory, StringComparison.Ordinal) == true
                || File.ReadAllText($"/proc/{pid}/cmdline").Contains($"\0{directory}/", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
