using System.Globalization;
using HaGrpc.Linux;

namespace HaGrpc.Bench.Supervision;

/// <summary>A file to which a program writes its pid when it starts; the kernel tells of each write (inotify).</summary>
internal sealed class StartLog : IDisposable
{
    private readonly FileSystemWatcher _watcher;
    private readonly SemaphoreSlim _written = new(0);
    private readonly string _path;
    private int _lines;
    private long _at;

    public StartLog(string path)
    {
        _path = path;
        _watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path)) { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.Size };
        _watcher.Changed += (_, _) =>
        {
            Volatile.Write(ref _at, BootClock.Nanoseconds);
            _written.Release();
        };
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>The next start: its pid, and when it was noticed.</summary>
    public async Task<(int Pid, long At)> Next(TimeSpan limit)
    {
        var end = BootClock.Nanoseconds + (long)limit.TotalNanoseconds;
        while (true)
        {
            var lines = await File.ReadAllLinesAsync(_path);
            if (lines.Length > _lines && await File.ReadAllTextAsync(_path) is [.., '\n'])
            {
                var at = Volatile.Read(ref _at);
                _lines++;
                return (int.Parse(lines[_lines - 1], CultureInfo.InvariantCulture), at == 0 ? BootClock.Nanoseconds : at);
            }
            if (BootClock.Nanoseconds > end)
                throw new TimeoutException($"no start within {limit.TotalSeconds:0} s");
            await _written.WaitAsync(TimeSpan.FromSeconds(1));
        }
    }

    public void Dispose()
    {
        _watcher.Dispose();
        _written.Dispose();
    }
}
