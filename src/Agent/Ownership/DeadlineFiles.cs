using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;

namespace HaGrpc.Agent.Ownership;

/// <summary>The deadline files of this host's groups (rule W1): what shims and guards sleep for. Opened when first asked for.</summary>
/// <param name="runDirectory">The agent's run directory.</param>
/// <param name="bootId">The running boot.</param>
internal sealed class DeadlineFiles(string runDirectory, Guid bootId) : IDisposable
{
    private readonly Dictionary<string, DeadlineFile> _files = new(StringComparer.Ordinal);

    /// <summary>A group's file, made when it is missing.</summary>
    public DeadlineFile Of(string group)
    {
        if (_files.TryGetValue(group, out var file))
            return file;
        var directory = Path.Combine(runDirectory, "groups", group);
        Directory.CreateDirectory(directory);
        return _files[group] = DeadlineFile.OpenOrCreate(Path.Combine(directory, "deadline"), bootId);
    }

    /// <summary>When the group's lease ends.</summary>
    public BootInstant UntilOf(string group) => new(Of(group).Until);

    /// <summary>What the files of an earlier agent say.</summary>
    public ImmutableArray<RecordedDeadline> Read(IEnumerable<string> groups) =>
        [.. groups.Select(g => new RecordedDeadline(g, Of(g).Epoch, UntilOf(g)))];

    /// <summary>Writes a renewal, in an order in which every prefix is safe.</summary>
    /// <param name="write">What to write.</param>
    /// <param name="tooLate">True when the end that stood there for the same epoch had passed by then: whoever sleeps for it may
    /// have acted. The clock is read after the write, so that nobody can have seen the old end later.</param>
    /// <returns>True when the end moved back: those who sleep for the later one have to be told.</returns>
    public bool Write(WriteDeadline write, out bool tooLate)
    {
        var file = Begin(write.Group, write.Epoch);
        var before = file.Until;
        file.ViewVersion = write.View.Version;
        file.Length = write.View.Length is { } length ? length.Ticks * 100 : long.MaxValue;
        file.Until = write.Until.Nanoseconds;
        tooLate = before != 0 && BootClock.Nanoseconds >= before;
        return file.Until < before;
    }

    /// <summary>A lease without end (rule L6) outlives the boot, its file does not.</summary>
    public void Restore(ResumeOwnership resume) => Begin(resume.Group, resume.Epoch).Until = resume.Until.Nanoseconds;

    /// <summary>C8: the same lease under a later epoch; nobody who sleeps for its end is disturbed.</summary>
    public void Raise(string group, long from, long epoch)
    {
        if (Of(group).Epoch == from)
            Of(group).Epoch = epoch;
    }

    /// <summary>The lease is over.</summary>
    public void End(string group) => Of(group).Until = 0;

    /// <summary>L7 for other threads: the file says it. A later epoch than the one that the programs were started for is the same owner's,
    /// who goes on (C8): with any other end of an epoch they are gone before the next one begins.</summary>
    public static bool MayAct(DeadlineFile file, long epoch) =>
        file.Epoch >= epoch && BootClock.Nanoseconds < file.Until;

    /// <summary>Closes the files; their contents stay.</summary>
    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
    }

    private DeadlineFile Begin(string group, long epoch)
    {
        var file = Of(group);
        if (file.Epoch != epoch)
            (file.Until, file.Epoch) = (0, epoch);
        return file;
    }
}
