using System.Collections.Immutable;
using System.ComponentModel;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;

namespace HaGrpc.Agent.Ownership;

/// <summary>The deadline files of this host's groups (rule W1): what shims and guards sleep for. Opened when first asked for. One that cannot
/// be made, because the disk is full, is one without a lease; and before its group is promoted here it has to be there.</summary>
/// <param name="runDirectory">The agent's run directory.</param>
/// <param name="bootId">The running boot.</param>
internal sealed class DeadlineFiles(string runDirectory, Guid bootId) : IDisposable
{
    private readonly Dictionary<string, DeadlineFile> _files = new(StringComparer.Ordinal);

    private readonly DeadlineFile _absent = DeadlineFile.Absent();

    /// <summary>A group's file, made when it is missing; one that cannot be made says that there is no lease.</summary>
    public DeadlineFile Of(string group)
    {
        try
        {
            return Demand(group);
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return _absent; // Said where it matters: before a promotion.
        }
    }

    /// <summary>Makes a group's file when it is missing; from any thread.</summary>
    /// <exception cref="Win32Exception">It cannot be made.</exception>
    /// <exception cref="IOException">Its directory cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">Its directory may not be made.</exception>
    public void Make(string group) => Open(group).Dispose();

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
    public void End(string group)
    {
        if (Of(group) is { Epoch: > 0 } file)
            file.Until = 0;
    }

    /// <summary>L7 for other threads: the file says it. A later epoch than the one that the programs were started for is the same owner's,
    /// who goes on (C8): with any other end of an epoch they are gone before the next one begins.</summary>
    public static bool MayAct(DeadlineFile file, long epoch) =>
        file.Epoch >= epoch && BootClock.Nanoseconds < file.Until;

    /// <summary>Closes the files; their contents stay.</summary>
    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
        _absent.Dispose();
    }

    private DeadlineFile Demand(string group) => _files.TryGetValue(group, out var file) ? file : _files[group] = Open(group);

    private DeadlineFile Open(string group)
    {
        var directory = Path.Combine(runDirectory, "groups", group);
        Directory.CreateDirectory(directory);
        return DeadlineFile.OpenOrCreate(Path.Combine(directory, "deadline"), bootId);
    }

    private DeadlineFile Begin(string group, long epoch)
    {
        var file = Demand(group);
        if (file.Epoch != epoch)
            (file.Until, file.Epoch) = (0, epoch);
        return file;
    }
}
