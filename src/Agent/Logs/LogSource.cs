using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Watching;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Logs;

/// <summary>One of the logs that an operator reads: where it lies now, how far it is read, whether there may be more. For one
/// thread.</summary>
/// <param name="program">The program.</param>
/// <param name="standardError">Which of its logs.</param>
/// <param name="host">This host's name.</param>
internal sealed class LogSource(ProgramName program, bool standardError, string host) : IDisposable
{
    private ConfiguredProgram? _configured;
    private LogTail? _log;
    private LogChange _before;
    private int _watched = -1;

    /// <summary>The program.</summary>
    public ProgramName Program => program;

    /// <summary>Which of its logs.</summary>
    public bool StandardError => standardError;

    /// <summary>The log's path; empty when none is configured.</summary>
    public string Path => _log?.Path ?? "";

    /// <summary>Where it stands.</summary>
    public LogPosition Position => _log?.Position ?? LogPosition.Beginning;

    /// <summary>Why it cannot be read now; empty when it can, or when there is no file yet.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>True while there is no file.</summary>
    public bool IsMissing => _log is { IsMissing: true } && Problem.Length == 0;

    /// <summary>True from a change of the file until everything is read.</summary>
    public bool MayHaveMore { get; set; } = true;

    /// <summary>Finds the log and begins to read it.</summary>
    /// <param name="programs">All of this host.</param>
    /// <param name="from">Where; null for the last lines.</param>
    /// <param name="lines">How many; 0 for the end.</param>
    /// <exception cref="IOException">The disk fails.</exception>
    public void Open(ImmutableArray<ConfiguredProgram> programs, LogPosition? from, int lines)
    {
        if (Find(programs) is not { } path)
            return;
        _log = new(path);
        if (from is { } position)
            _before = _log.BeginAt(position);
        else
            _log.BeginWithLines(lines);
        Problem = _log.Problem;
    }

    /// <summary>Looks whether the program has another log file since.</summary>
    /// <param name="programs">All of this host, as it is to run them now.</param>
    /// <returns>What has changed, for the operator; null when nothing has.</returns>
    /// <exception cref="IOException">The disk fails.</exception>
    public string? Review(ImmutableArray<ConfiguredProgram> programs)
    {
        if (ReferenceEquals(_configured, Configured(programs)))
            return null;
        var path = Find(programs);
        if ((path ?? "") == Path)
            return null;
        _log?.Dispose();
        _log = null;
        _watched = -1;
        if (path is null)
            return Problem;
        // What another writer left in that file belongs to another story; what comes now is read.
        _log = new(path);
        _log.BeginWithLines(0);
        (Problem, MayHaveMore) = (_log.Problem, true);
        return $"its log is {path} from now on";
    }

    /// <summary>Asks to be told of the next change; before a reading, so that none is missed.</summary>
    /// <param name="watch">Tells.</param>
    /// <param name="directories">Gets the number of the directory in which a successor would appear.</param>
    public void Watch(FileWatch watch, ISet<int> directories)
    {
        if (_watched >= 0 || _log is null)
            return;
        _watched = watch.WatchOnce(_log.Path);
        if (System.IO.Path.GetDirectoryName(_log.Path) is { Length: > 0 } directory && watch.WatchNames(directory) is >= 0 and var number)
            directories.Add(number);
    }

    /// <summary>Its file has changed, or may have: it is watched and read again.</summary>
    /// <param name="changed">The numbers of what has changed; null for anything.</param>
    public void Note(ISet<int>? changed)
    {
        if (changed is null || changed.Contains(_watched))
            (_watched, MayHaveMore) = (-1, true);
    }

    /// <summary>Reads what comes next.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public LogReading Read(Span<byte> buffer)
    {
        if (_log is null)
            return default;
        if (_before is var before and not LogChange.None)
        {
            _before = LogChange.None;
            return new(0, before);
        }
        var reading = _log.Read(buffer);
        Problem = _log.Problem;
        return reading;
    }

    /// <summary>From now on only what is written by now is read.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public void EndHere()
    {
        _log?.EndHere();
        MayHaveMore = true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _log?.Dispose();

    private ConfiguredProgram? Configured(ImmutableArray<ConfiguredProgram> programs) => programs.FirstOrDefault(p => p.Name == program);

    private string? Find(ImmutableArray<ConfiguredProgram> programs)
    {
        _configured = Configured(programs);
        var problem = $"host {host} does not know it any more";
        var path = _configured is null ? null : LogPlace.Of(_configured, standardError, host, out problem);
        Problem = problem;
        return path;
    }
}
