using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Processes;

/// <summary>A file system of its own over a folder, small enough to be filled.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Filling => $"{_folder}/filling";

    /// <param name="folder">Where; made when it is missing.</param>
    /// <param name="kibibytes">How much it holds.</param>
    public static async Task<SmallDisk> MountAsync(string folder, int kibibytes)
    {
        Directory.CreateDirectory(folder);
        await Command.Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "none", folder);
        return new(folder);
    }

    /// <summary>Takes what is left, to the last byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filling, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                file.Write(new byte[512]);
        }
        catch (IOException full) when (full.Message.Contains("No space left", StringComparison.Ordinal))
        {
            return;
        }
    }

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(Filling);

    public async ValueTask DisposeAsync() => await Command.Run("umount", "--lazy", _folder);
}
