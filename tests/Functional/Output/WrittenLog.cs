using System.IO.Compression;
using System.Text;

namespace HaGrpc.Functional.Tests.Output;

/// <summary>A log as a reader finds it: the file and its backups, compressed or not.</summary>
internal sealed class WrittenLog(string path)
{
    public string Path => path;

    /// <summary>PATH.N or PATH.N.gz as far as there are any, the oldest first, and the file itself.</summary>
    public string[] Files
    {
        get
        {
            var files = new List<string> { path };
            for (var number = 1; BackupAt(number) is { } backup; number++)
                files.Insert(0, backup);
            return [.. files];
        }
    }

    public static string TextOf(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using Stream plain = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using var reader = new StreamReader(plain, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Every line of them, in order. A torn line would be two.</summary>
    public string[] Lines() =>
        [.. Files.SelectMany(file => TextOf(file).Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>As <see cref="Lines"/>; null when a file was renamed or removed between the look at the folder and the reading.</summary>
    public string[]? TryLines()
    {
        try
        {
            return Lines();
        }
        catch (IOException)
        {
            return null;
        }
    }

    public bool Exists => File.Exists(path);

    public string Text => Exists ? TextOf(path) : "";

    private string? BackupAt(int number) =>
        new[] { $"{path}.{number}", $"{path}.{number}.gz" }.FirstOrDefault(File.Exists);
}
