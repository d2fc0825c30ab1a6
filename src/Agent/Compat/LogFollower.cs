using HaGrpc.Agent.Logs;

namespace HaGrpc.Agent.Compat;

/// <summary>Follows one log for one reader, as Supervisor's /logtail: from its last 1024 bytes on, over rotation and truncation. The
/// reader sets the pace: nothing is buffered beyond one piece.</summary>
/// <param name="path">The log.</param>
/// <param name="time">Between looks.</param>
internal sealed class LogFollower(string path, TimeProvider time)
{
    private const int Head = 1024;
    private const int Piece = 32 << 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly byte[] Truncated = "==> File truncated <==\n"u8.ToArray();

    /// <summary>Copies until cancelled.</summary>
    /// <exception cref="IOException">The disk fails, or the reader is gone.</exception>
    public async Task CopyAsync(Stream to, CancellationToken ct)
    {
        using var log = new LogTail(path);
        using (var file = LogFile.TryOpen(path, out _))
        {
            if (file is not null)
                _ = log.BeginAt(new(file.Identity.ToString(), Math.Max(0, file.Size - Head)));
        }
        var piece = new byte[Piece];
        while (true)
        {
            var reading = log.Read(piece);
            if (reading.Change == LogChange.Truncated)
                await to.WriteAsync(Truncated, ct);
            await to.WriteAsync(piece.AsMemory(0, reading.Count), ct);
            await to.FlushAsync(ct);
            if (reading.Count == 0)
                await Task.Delay(Pause, time, ct);
        }
    }
}
