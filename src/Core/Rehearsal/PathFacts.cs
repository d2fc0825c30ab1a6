namespace HaGrpc.Core.Rehearsal;

/// <summary>What a host says of a path that a program needs.</summary>
public enum PathState
{
    /// <summary>It is there and can be used as it is to be.</summary>
    Fine,

    /// <summary>There is nothing.</summary>
    Missing,

    /// <summary>A folder where a file should be, or the other way round.</summary>
    WrongKind,

    /// <summary>It is a file that nobody may execute.</summary>
    NotExecutable,

    /// <summary>It, or a folder on the way to it, may not be used by whoever has to.</summary>
    Denied,

    /// <summary>Its file system takes no writes.</summary>
    ReadOnly,

    /// <summary>The file system did not answer in time.</summary>
    Silent,
}

/// <summary>A path, looked at.</summary>
/// <param name="Path">The path, or the command's name when nothing was found under it.</param>
/// <param name="State">What is so.</param>
public readonly record struct PathFact(string Path, PathState State);

/// <summary>The room of a file system, as whoever is not root has it.</summary>
/// <param name="FreeBytes">Bytes that can be written.</param>
/// <param name="TotalBytes">Its size.</param>
/// <param name="FreeFiles">Files that can be created (inodes).</param>
/// <param name="TotalFiles">How many it can hold; 0 where it does not count them.</param>
public sealed record Space(long FreeBytes, long TotalBytes, long FreeFiles, long TotalFiles);

/// <summary>A folder that a program works in, or writes its log to.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Space">Its room; null when that is not known or does not matter.</param>
public sealed record FolderFact(PathFact Path, Space? Space);
