using System.Globalization;
using System.Net;

namespace HaGrpc.Linux.Sockets;

/// <summary>A TCP socket that listens (proc_net_tcp(5)).</summary>
/// <param name="Address">On which address.</param>
/// <param name="Port">On which port.</param>
/// <param name="Inode">Names the socket in /proc/PID/fd.</param>
internal readonly record struct ListeningSocket(IPAddress Address, int Port, ulong Inode)
{
    private const string StateListen = "0A";

    /// <summary>All of the network namespace of the calling thread.</summary>
    /// <exception cref="IOException">/proc cannot be read.</exception>
    public static IReadOnlyList<ListeningSocket> All() =>
    [
        .. File.ReadLines("/proc/thread-self/net/tcp").Skip(1).Select(Parse).OfType<ListeningSocket>(),
        // Absent where the kernel has no IPv6.
        .. File.Exists("/proc/thread-self/net/tcp6") ? File.ReadLines("/proc/thread-self/net/tcp6").Skip(1).Select(Parse).OfType<ListeningSocket>() : [],
    ];

    /// <summary>Who has these sockets, as far as this process may see it.</summary>
    /// <returns>By inode: process id and name.</returns>
    public static Dictionary<ulong, (int Pid, string Name)> OwnersOf(IReadOnlySet<ulong> inodes)
    {
        var owners = new Dictionary<ulong, (int Pid, string Name)>();
        foreach (var folder in inodes.Count == 0 ? [] : Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                foreach (var link in Directory.EnumerateFiles(folder + "/fd").Select(fd => new FileInfo(fd).LinkTarget))
                {
                    if (link is not null && link.StartsWith("socket:[", StringComparison.Ordinal)
                        && ulong.TryParse(link.AsSpan(8, link.Length - 9), CultureInfo.InvariantCulture, out var inode)
                        && inodes.Contains(inode))
                    {
                        _ = owners.TryAdd(inode, (pid, File.ReadAllText(folder + "/comm").TrimEnd('\n')));
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is not ours to look at.
            }
            if (owners.Count == inodes.Count)
                break;
        }
        return owners;
    }

    private static ListeningSocket? Parse(string line)
    {
        // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 10 || fields[3] != StateListen)
            return null;
        var (address, port) = (fields[1].Split(':')[0], fields[1].Split(':')[1]);
        // Words of four bytes in the byte order of the machine.
        var bytes = Enumerable.Range(0, address.Length / 8)
            .SelectMany(word => BitConverter.GetBytes(uint.Parse(address.AsSpan(word * 8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
        return new(
            new IPAddress([.. bytes]),
            int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            ulong.Parse(fields[9], CultureInfo.InvariantCulture));
    }
}
