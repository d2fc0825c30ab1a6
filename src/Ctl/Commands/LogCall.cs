using System.CommandLine;
using System.Globalization;
using Grpc.Core;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary>What tail and logs have in common: their options, and one reading that outlives control planes and failovers.</summary>
/// <param name="call">The run of the command.</param>
/// <param name="request">What is read; gets where to go on.</param>
/// <param name="name">What the operator typed.</param>
/// <param name="output">Shows it.</param>
internal sealed class LogCall(CommandRunner.Call call, TailLogsRequest request, string name, LogOutput output)
{
    private const int MostLines = 1_000_000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(string Program, LogChannel Channel), LogResume> _places = [];
    private string _host = "";
    private long _epoch;
    private bool _answered;

    internal static Option<bool> FollowOption() => new("--follow", "-f")
    {
        Description = "then wait for new lines, on whichever host the group is, until interrupted",
    };

    internal static Option<int> LinesOption() => new("--lines", "-n")
    {
        Description = $"how many of each log file come first, 0 to {MostLines}; the last ones",
        HelpName = "LINES",
        DefaultValueFactory = _ => 10,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= MostLines)
                return number;
            result.AddError(Speech.Of($"-n {text}: must be 0 to {MostLines}"));
            return 0;
        },
    };

    /// <summary>Shows what there is; followed, until interrupted.</summary>
    /// <returns>The exit code.</returns>
    internal async Task<int> RunAsync()
    {
        try
        {
            return await ReadAsync().ConfigureAwait(false);
        }
        catch (RpcException failure) when (failure.Status.DebugException is null
            && failure.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition)
        {
            call.Surroundings.Error.WriteLine($"{name}: ERROR ({failure.Status.Detail})");
            return ExitCode.Refused;
        }
        catch (IOException closed) when (closed.HResult == StandardOutput.BrokenPipe)
        {
            return ExitCode.Done;
        }
        catch (IOException full)
        {
            Say(Speech.Of($"standard output cannot be written: {full.Message}"));
            return ExitCode.Refused;
        }
    }

    private async Task<int> ReadAsync()
    {
        var (pause, told) = (FirstPause, "");
        while (true)
        {
            string reason;
            var heard = false;
            try
            {
                using var stream = call.ControlPlane.Admin.TailLogs(request, call.Patient);
                await foreach (var answer in stream.ResponseStream.ReadAllAsync(call.Cancellation).ConfigureAwait(false))
                {
                    if (told.Length > 0)
                        Say(Speech.Of($"follows {call.ControlPlane.Endpoint.Url} again"));
                    (pause, told, _answered, heard) = (FirstPause, "", true, true);
                    Take(answer);
                }
                if (!request.Follow)
                    return ExitCode.Done;
                reason = Speech.Of($"the control plane at {call.ControlPlane.Endpoint.Url} ended the stream");
            }
            catch (RpcException failure) when (request.Follow && _answered && !call.Cancellation.IsCancellationRequested
                && CallFailure.Passing(failure, call.ControlPlane.Endpoint) is not null)
            {
                // What was heard a moment ago is no question of addresses or TLS.
                reason = heard && failure.Status.DebugException is not null
                    ? Speech.Of($"the connection to {call.ControlPlane.Endpoint.Url} broke")
                    : CallFailure.Passing(failure, call.ControlPlane.Endpoint)!;
            }
            finally
            {
                if (!request.Follow || call.Cancellation.IsCancellationRequested)
                    output.Break(null, default);
            }
            if (reason != told)
                Say(Speech.Of($"{reason}; trying again until Ctrl-C"));
            told = reason;
            await Task.Delay(pause, call.Cancellation).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            request.Resume.Clear();
            request.Resume.AddRange(_places.Values);
        }
    }

    private void Take(TailLogsResponse answer)
    {
        switch (answer.MessageCase)
        {
            case TailLogsResponse.MessageOneofCase.Reached:
                Reach(answer.Reached);
                break;
            case TailLogsResponse.MessageOneofCase.Text:
                var text = answer.Text;
                output.Show(text);
                Note(text.Program, text.Channel, text.Position);
                break;
            case TailLogsResponse.MessageOneofCase.Notice:
                var notice = answer.Notice;
                if (notice.Kind is LogNoticeKind.Truncated or LogNoticeKind.Skipped or LogNoticeKind.Moved)
                    output.Break(notice.Program.Length > 0 ? notice.Program : null, notice.Channel);
                Say(notice.Message);
                break;
        }
    }

    private void Reach(LogsReached reached)
    {
        if (_host.Length > 0 && _host != reached.Host)
        {
            output.Break(null, default);
            Say(Speech.Of(
                $"host {reached.Host} has taken over {request.Group} from {_host} (epoch {reached.Epoch}): what follows was written there since"));
        }
        (_host, _epoch) = (reached.Host, reached.Epoch);
        output.Begin(reached);
        foreach (var log in reached.Logs.Where(log => log.Position is not null))
            Note(log.Program, log.Channel, log.Position);
    }

    private void Note(string program, LogChannel channel, LogPosition position) => _places[(program, channel)] = new()
    {
        Program = program,
        Channel = channel,
        Host = _host,
        Epoch = _epoch,
        Position = position,
    };

    private void Say(string what) => call.Surroundings.Error.Tell($"hactl: {what}");
}
