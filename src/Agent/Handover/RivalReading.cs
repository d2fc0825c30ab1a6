using System.Buffers;
using System.Collections.Immutable;
using HaGrpc.Core.Handover;

namespace HaGrpc.Agent.Handover;

/// <summary>Reads what a rival is configured for, in the file system that it sees. What cannot be read for sure is a doubt.</summary>
internal static class RivalReading
{
    private const string CommandLine = "its command line";
    private const int MostFiles = 200;
    private const long LargestFile = 1 << 20;
    private static readonly SearchValues<char> Wildcards = SearchValues.Create("*?[{$~");
    private static readonly SearchValues<char> Unknown = SearchValues.Create("[{$~");

    /// <summary>What a rival is configured for.</summary>
    /// <param name="rival">What claims addresses.</param>
    public static RivalConfiguration Of(AddressRival rival)
    {
        var arguments = rival.Head.Arguments;
        if (rival.Head.Name != "keepalived")
        {
            // --addr=10.0.0.9, or a word of its own.
            var named = arguments.Select(a => KeepalivedText.AddressIn(a[(a.IndexOf('=', StringComparison.Ordinal) + 1)..])).OfType<string>();
            return new(CommandLine, [.. named], "");
        }
        return RivalConfiguration.FileOf(arguments) is { } file
            ? In($"/proc/{rival.Head.Pid}/root", file)
            : new(CommandLine, [], "its command line does not tell its configuration file");
    }

    /// <summary>Reads a file and all that it includes.</summary>
    /// <param name="root">The root directory that it is seen from.</param>
    /// <param name="file">The file, an absolute path below that.</param>
    internal static RivalConfiguration In(string root, string file)
    {
        var addresses = ImmutableArray.CreateBuilder<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal) { file };
        var waiting = new Queue<string>(seen);
        try
        {
            while (waiting.TryDequeue(out var path))
            {
                var info = new FileInfo(root + path);
                // A pipe has no length either, and would keep who opens it.
                if (!info.Exists || info.Length is 0 or > LargestFile || seen.Count > MostFiles)
                    return new(file, addresses.ToImmutable(), $"{path} is no file that can be read, or there are too many");
                var text = KeepalivedText.Of(File.ReadAllText(info.FullName));
                addresses.AddRange(text.Addresses);
                if (text.HasVariables)
                    return new(file, addresses.ToImmutable(), $"{path} has variables among its addresses");
                foreach (var included in text.Includes.Select(i => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, i))))
                {
                    var (folder, name) = (Path.GetDirectoryName(included)!, Path.GetFileName(included));
                    if (folder.AsSpan().ContainsAny(Wildcards) || name.AsSpan().ContainsAny(Unknown))
                        return new(file, addresses.ToImmutable(), $"{path} includes {included}");
                    string[] found = name.AsSpan().ContainsAny('*', '?')
                        ? Directory.Exists(root + folder) ? [.. Directory.GetFiles(root + folder, name).Select(f => Path.Combine(folder, Path.GetFileName(f)))] : []
                        : [included];
                    foreach (var one in found.Where(seen.Add))
                        waiting.Enqueue(one);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(file, addresses.ToImmutable(), e.Message);
        }
        return new(file, addresses.ToImmutable(), "");
    }
}
