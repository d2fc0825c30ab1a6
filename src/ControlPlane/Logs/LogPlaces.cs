using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Logs;

/// <summary>How far each log has been sent to an operator, on which host and under which epoch.</summary>
/// <param name="request">What the operator wants, and where he was.</param>
/// <param name="logs">The logs, in the order in which agents are asked for them.</param>
internal sealed class LogPlaces(TailLogsRequest request, ImmutableArray<(ProgramName Program, LogChannel Channel)> logs)
{
    private readonly Place?[] _places = [.. logs.Select(log => Resumed(request, log))];

    /// <summary>The question for an owner's agent.</summary>
    public LogWanted Wanted(LogOwner owner)
    {
        var wanted = new LogWanted { Group = request.Group, Follow = request.Follow };
        foreach (var ((program, channel), place) in logs.Zip(_places))
        {
            var log = new WantedLog { Program = program.Name, Channel = channel };
            if (place is null)
                log.Lines = request.Lines;
            else if (place.Host == owner.Host)
                log.Position = place.Position;
            else
                log.Epoch = owner.Epoch;
            wanted.Logs.Add(log);
        }
        return wanted;
    }

    /// <summary>What a reader that goes on under this owner may have missed elsewhere; null for nothing.</summary>
    public string? Gap(LogOwner owner) =>
        _places.FirstOrDefault(p => p is not null && p.Host == owner.Host && p.Epoch != owner.Epoch) is { } place
            ? $"{request.Group} went from epoch {place.Epoch} to {owner.Epoch} meanwhile: lines of other hosts in between are not shown"
            : null;

    /// <summary>True for a number that was asked for.</summary>
    public bool Knows(int log) => log >= 0 && log < logs.Length;

    /// <summary>An agent begins.</summary>
    public LogsReached Reach(LogsOpened opened, LogOwner owner)
    {
        var reached = new LogsReached { Host = owner.Host, Epoch = owner.Epoch };
        for (var i = 0; i < Math.Min(logs.Length, opened.Logs.Count); i++)
        {
            var log = opened.Logs[i];
            var has = log.Problem.Length == 0;
            if (has)
                _places[i] = new(owner.Host, owner.Epoch, log.Position ?? new());
            else if (_places[i] is { } before && before.Host == owner.Host)
                _places[i] = before with { Epoch = owner.Epoch };
            reached.Logs.Add(new ReachedLog { Program = logs[i].Program.Name, Channel = logs[i].Channel, Position = has ? log.Position : null });
        }
        return reached;
    }

    /// <summary>What an operator has to know of logs that cannot be read: a program without a second log is usual.</summary>
    public ImmutableArray<LogNotice> ProblemsOf(LogsOpened opened)
    {
        var known = logs.Zip(opened.Logs).ToArray();
        return
        [
            .. known.Where(l => l.Second.Problem.Length > 0 && (l.Second.Path.Length > 0 || IsFirstOfNone(l.First)))
                .Select(l => new LogNotice
                {
                    Kind = LogNoticeKind.NoLog,
                    Program = l.First.Program.Name,
                    Channel = l.First.Channel,
                    Message = request.Program.Length > 0 ? l.Second.Problem : $"{l.First.Program}: {l.Second.Problem}",
                }),
        ];

        bool IsFirstOfNone((ProgramName Program, LogChannel Channel) log)
        {
            var its = known.Where(l => l.First.Program == log.Program).ToArray();
            return its[0].First == log && its.All(l => l.Second.Path.Length == 0);
        }
    }

    /// <summary>What was read.</summary>
    public LogText TextOf(LogChunk chunk, LogOwner owner)
    {
        var (program, channel) = logs[chunk.Log];
        _places[chunk.Log] = new(owner.Host, owner.Epoch, chunk.Position ?? new());
        return new() { Program = program.Name, Channel = channel, Data = chunk.Data, Position = chunk.Position };
    }

    /// <summary>What has happened to a log.</summary>
    public LogNotice NoticeOf(LogChanged changed) => new()
    {
        Kind = changed.Change switch
        {
            LogChange.Truncated => LogNoticeKind.Truncated,
            LogChange.Moved => LogNoticeKind.Moved,
            _ => LogNoticeKind.Skipped,
        },
        Program = logs[changed.Log].Program.Name,
        Channel = logs[changed.Log].Channel,
        Message = $"{logs[changed.Log].Program}: {changed.Detail}",
    };

    private static Place? Resumed(TailLogsRequest request, (ProgramName Program, LogChannel Channel) log) =>
        request.Resume.FirstOrDefault(r => r.Program == log.Program.Name && r.Channel == log.Channel) is { } at
            ? new(at.Host, at.Epoch, at.Position ?? new())
            : null;

    private sealed record Place(string Host, long Epoch, LogPosition Position);
}
