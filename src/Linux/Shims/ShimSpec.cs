using System.Globalization;
using System.Text;

namespace HaGrpc.Linux.Shims;

/// <summary>
/// The file <c>spec</c> in a shim's directory: <c>key=value</c> records, each ended by a zero byte, the last one <c>end=</c>. The
/// agent writes it, the shim points into it (values are C strings already), and a later agent reads it again. Keys with a
/// meaning to the shim: boot, instance, generation, adopt (pid:start time of a process that is taken over instead of a start), exec (absent: the first arg), arg (repeated), env (repeated), directory, uid, gid, group
/// (repeated), umask (decimal), stdin, stdout, stderr (absent: /dev/null), input (1: standard input is a pipe to which nobody writes), redirect, deadline (absent: none), cgroup (its folder), join, kill,
/// events (files in that), memoryevents, pidsevents (the same, for limits), rlimit (repeated: number, soft, hard and what people call it),
/// cpuseconds (its hard limit of processor time), nice, oom, stopsignal, stoptimeout (ns), stopasgroup, vip (repeated, for the guard:
/// address and interface), and how its logs are rotated: stdoutmax and stderrmax (bytes; absent or 0: never), stdoutbackups and
/// stderrbackups, logage (ns; absent or 0: never), logpack (1: backups are compressed). It ignores others. The file <c>logs</c> beside it
/// has the same form: the logs' paths and rotation as they were changed since the start.
/// </summary>
internal sealed class ShimSpec
{
    private readonly List<KeyValuePair<string, string>> _records;

    /// <summary>An empty one.</summary>
    public ShimSpec() => _records = [];

    private ShimSpec(IEnumerable<KeyValuePair<string, string>> records) => _records = [.. records];

    /// <summary>All of them, in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Records => _records;

    /// <summary>The value of the first record with this key, or null.</summary>
    public string? this[string key]
    {
        get
        {
            foreach (var (name, value) in _records)
            {
                if (name == key)
                    return value;
            }
            return null;
        }
    }

    /// <summary>A number, or <paramref name="missing"/> when it is absent or is none.</summary>
    public long Number(string key, long missing = 0) =>
        long.TryParse(this[key], NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : missing;

    /// <summary>Appends a record; null is left out.</summary>
    /// <exception cref="ArgumentException">The value holds a zero byte, which neither exec nor a path can carry.</exception>
    public ShimSpec Add(string key, string? value)
    {
        if (value is null)
            return this;
        if (value.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"{key} holds a zero byte");
        _records.Add(new(key, value));
        return this;
    }

    /// <summary>Appends a number.</summary>
    public ShimSpec Add(string key, long value) => Add(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The same without the command and its environment, which only the shim asks for: an agent that keeps hundreds of these keeps the
    /// rest.</summary>
    public ShimSpec WithoutCommand() => new(_records.Where(r => r.Key is not ("exec" or "arg" or "env")).ToArray());

    /// <summary>The file's bytes.</summary>
    public byte[] Encode()
    {
        var text = new StringBuilder();
        foreach (var (key, value) in _records)
            text.Append(key).Append('=').Append(value).Append('\0');
        return Encoding.UTF8.GetBytes(text.Append("end=\0").ToString());
    }

    /// <summary>Reads a file's bytes; null when they are cut short.</summary>
    public static ShimSpec? Decode(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        if (!text.EndsWith("end=\0", StringComparison.Ordinal))
            return null;
        var spec = new ShimSpec();
        foreach (var record in text.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = record.IndexOf('=', StringComparison.Ordinal);
            if (at > 0 && record != "end=")
                spec.Add(record[..at], record[(at + 1)..]);
        }
        return spec;
    }
}
