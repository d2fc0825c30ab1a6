using System.Buffers.Binary;

namespace HaGrpc.Lab.World;

/// <summary>
/// The wall clock of one host's processes, which can be stepped; nobody else's clock changes, nor any clock that never steps. Processes
/// have to be started with <see cref="Environment"/>.
/// </summary>
internal sealed class WallClock
{
    private readonly string _file;
    private readonly string _library;

    /// <param name="host">Whose.</param>
    /// <exception cref="FileNotFoundException">The preloaded library is missing.</exception>
    public WallClock(LabHost host)
    {
        _library = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(System.Environment.ProcessPath))!, "lab", "wall-clock.so");
        if (!File.Exists(_library))
            throw new FileNotFoundException($"{_library} is missing: run scripts/build.sh --lab", _library);
        _file = Path.Combine(host.Directory, "wall-clock");
        // A whole page, as it is mapped.
        File.WriteAllBytes(_file, new byte[4096]);
    }

    /// <summary>What a process of the host has to be started with.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string> { ["LD_PRELOAD"] = _library, ["HAGRPC_LAB_WALL_CLOCK"] = _file };

    /// <summary>Sets how far the clock is off; takes effect with the next look at it.</summary>
    public void Set(TimeSpan offset)
    {
        var value = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(value, (long)offset.TotalNanoseconds);
        using var file = File.OpenWrite(_file);
        file.Write(value);
    }

    /// <summary>Whether the process looks at this clock.</summary>
    public bool IsOf(LabProcess process) =>
        File.ReadLines($"/proc/{process.Pid}/maps").Any(line => line.EndsWith(_file, StringComparison.Ordinal));
}
