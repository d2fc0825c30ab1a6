using HaGrpc.Core.HostChecks;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Checks;

/// <summary>What a check's command writes, both of its outputs in one file beside its shim: the first line says more than an exit code.</summary>
internal static class ProbeOutput
{
    private const string Name = "output";

    // With one backup: what a check may fill of the run directory, which is memory, is twice this.
    private const long Most = 16 << 10;

    /// <summary>Has it written there, whatever the spec says of redirection.</summary>
    public static ShimSpec Take(ShimSpec spec, ShimDirectory directory) => spec
        .Add("stdout", directory.File(Name))
        .Add("stdoutmax", Most)
        .Add("stdoutbackups", 1)
        .Add("redirect", "1");

    /// <summary>Forgets what the question before has written.</summary>
    /// <exception cref="IOException">It could not be removed.</exception>
    public static void Clear(ShimDirectory directory)
    {
        if (!Directory.Exists(directory.Path))
            return;
        File.Delete(directory.File(Name));
        File.Delete(directory.File(Name + ".1"));
    }

    /// <summary>The first line, as <see cref="HostCheckText.FirstLine"/> shows it, behind a colon; empty for none.</summary>
    public static string Behind(ShimDirectory directory)
    {
        try
        {
            var line = HostCheckText.FirstLine(directory.Read(Name + ".1") ?? directory.Read(Name) ?? []);
            return line.Length > 0 ? $": {line}" : "";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
