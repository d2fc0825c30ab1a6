using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Logs;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Log files of a group's programs, read where the group is.</summary>
internal sealed class TailCall(LeaderSeat seat, LogDesk desk)
{
    private const int MostLines = 1_000_000;
    private const int MostLogs = 2000;

    /// <summary>Answers the call: ends with what there is now, or follows until the operator has enough.</summary>
    public async Task RunAsync(TailLogsRequest request, IServerStreamWriter<TailLogsResponse> stream, ServerCallContext context)
    {
        if (request.Lines is < 0 or > MostLines)
            throw Wrong(StatusCode.InvalidArgument, $"lines: {request.Lines} is not between 0 and {MostLines}");
        if (!Enum.IsDefined(request.Channel))
            throw Wrong(StatusCode.InvalidArgument, $"channel: {request.Channel} is neither stdout nor stderr");
        var tenure = seat.Demand();
        var logs = Choose(request, tenure.Registry.Current);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, tenure.Term.Ended);
        try
        {
            await new LogReading(request, logs, tenure, desk, stream, either.Token).RunAsync();
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw tenure.Term.EndedError();
        }
    }

    private static ImmutableArray<(ProgramName Program, LogChannel Channel)> Choose(TailLogsRequest request, RegistrySnapshot registry)
    {
        if (registry.Groups.All(g => g.Spec.Name != request.Group))
            throw Wrong(StatusCode.NotFound, Near("no such group", request.Group, registry.Groups.Select(g => g.Spec.Name)));
        var programs = registry.Programs.Select(p => p.Spec.Name).Where(p => p.Group == request.Group).ToArray();
        var chosen = programs.Where(p => request.Program.Length == 0 || p.Name == request.Program).ToArray();
        if (chosen.Length == 0)
        {
            throw request.Program.Length == 0
                ? Wrong(StatusCode.FailedPrecondition, "the group has no programs")
                : Wrong(StatusCode.NotFound, Near("no such process name", request.Program, programs.Select(p => p.Name)));
        }
        LogChannel[] channels = request.Channel == LogChannel.Unspecified ? [LogChannel.Stdout, LogChannel.Stderr] : [request.Channel];
        if (chosen.Length * channels.Length > MostLogs)
            throw Wrong(StatusCode.InvalidArgument, $"{chosen.Length} programs are too many to read at once: name one");
        return [.. chosen.SelectMany(_ => channels, (program, channel) => (program, channel))];
    }

    private static string Near(string what, string name, IEnumerable<string> known) =>
        NearestName.Of(name, known) is { } near ? $"{what}; did you mean {near}?" : what;

    private static RpcException Wrong(StatusCode code, string what) => new(new Status(code, what));
}
