using System.Globalization;
using System.Runtime.InteropServices;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal.Trees;
using HaGrpc.Linux.Files;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>How a walk ended.</summary>
/// <param name="IsMissing">The directory is not there.</param>
/// <param name="Problem">Why not everything was met; empty when it was.</param>
internal readonly record struct WalkEnd(bool IsMissing, string Problem);

/// <summary>Walks a directory of a group, behind everybody else of this host and within bounds.</summary>
internal static class TreeWalk
{
    /// <summary>How many entries it may have, with what is left out.</summary>
    public const int MostEntries = 200_000;

    /// <summary>How long a walk may take.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Walks, for as long as the file system likes when it hangs. The calling thread has to end afterwards: its priority stays
    /// low.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="add">Gets each entry.</param>
    /// <param name="time">Counts how long it takes.</param>
    public static WalkEnd Run(GroupDirectory directory, Action<TreeEntry> add, TimeProvider time)
    {
        LowPriority.TakeOn();
        var began = time.GetTimestamp();
        var excluded = directory.Exclude.Select(pattern => new ExcludePattern(pattern)).ToArray();
        var isLate = false;
        var reader = new TreeReader(
            (path, isDirectory) => Array.Exists(excluded, pattern => pattern.Matches(path, isDirectory)),
            file => add(new(file.Path, file.Size, file.Modified, file.Changed, file.Target)),
            () => isLate = time.GetElapsedTime(began) > Longest)
        {
            MostEntries = MostEntries,
        };
        var error = reader.Walk(directory.Path);
        if (error is Libc.ENOENT or Libc.ENOTDIR)
            return new(true, "no such directory");
        var problem = error != 0 ? Marshal.GetPInvokeErrorMessage(error)
            : isLate ? string.Create(CultureInfo.InvariantCulture, $"it takes more than {Longest.TotalSeconds} s to read")
            : reader.IsOver ? string.Create(CultureInfo.InvariantCulture, $"it has more than {MostEntries} entries")
            : reader.Unreadable is { } unreadable ? $"cannot be read: {unreadable}"
            : "";
        return new(false, problem);
    }
}
