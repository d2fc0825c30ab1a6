using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Watching;

/// <summary>
/// A list that is shown again and again: in place on a terminal, one block after another elsewhere. What happens in the fleet shows it at once, and so does what changes in the
/// states that it is of; what nobody tells, such as ages and uptimes, is seen after the interval.
/// </summary>
internal static class Watch
{
    // Events come in swarms: a failover has a dozen, and one look after them shows more than a dozen within them.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(150);

    /// <summary>Runs a command once, or again and again when <paramref name="seconds"/> are given.</summary>
    /// <param name="call">The run of the command.</param>
    /// <param name="seconds">The interval; null for once.</param>
    /// <param name="body">Shows the list.</param>
    /// <param name="states">The groups or programs whose states it is of, without patterns; null where it is of something else.</param>
    internal static async Task<int> RunAsync(CommandRunner.Call call, double? seconds, Func<CommandRunner.Call, Task<int>> body, string[]? states = null)
    {
        if (seconds is not { } given)
            return await body(call).ConfigureAwait(false);
        var (interval, isFirst) = (TimeSpan.FromSeconds(given), true);
        using var happened = new SemaphoreSlim(0);
        // A terminal of another size shows it anew. The registration ends before what it tells.
        using var resized = call.Surroundings.IsDrawn ? PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Tell(happened)) : null;
        // It tries again until it is told to end, which may be because the first look failed.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
        var listening = Task.WhenAll(
            ListenAsync(call with { Cancellation = end.Token }, interval, happened),
            states is null ? Task.CompletedTask : FollowAsync(call with { Cancellation = end.Token }, states, interval, happened));
        try
        {
            while (true)
            {
                using var frame = new StringWriter { NewLine = call.Out.NewLine };
                await DrawAsync(call, frame, isFirst, body).ConfigureAwait(false);
                Show(call, frame.ToString(), isFirst);
                if (!call.Surroundings.HasReader())
                    return ExitCode.Done;
                isFirst = false;
                if (await happened.WaitAsync(interval, call.Cancellation).ConfigureAwait(false))
                {
                    await Task.Delay(Gathering, call.Cancellation).ConfigureAwait(false);
                    while (happened.Wait(0, CancellationToken.None))
                    {
                        // These are shown by the look that comes now.
                    }
                }
            }
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A signal on its way while the watch ends has nobody to tell.
    private static void Tell(SemaphoreSlim happened)
    {
        try
        {
            happened.Release();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    private static async Task DrawAsync(CommandRunner.Call call, StringWriter frame, bool isFirst, Func<CommandRunner.Call, Task<int>> body)
    {
        var columns = call.Surroundings.IsDrawn ? call.Surroundings.Size().Columns : 0;
        var inside = call with { Surroundings = call.Surroundings with { Out = Page.Of(call.Out).At(frame, columns), Error = frame } };
        try
        {
            await body(call.Json ? call with { Surroundings = call.Surroundings with { Out = Page.Of(call.Out).At(frame) } } : inside).ConfigureAwait(false);
        }
        catch (RpcException failure) when (!isFirst && !call.Cancellation.IsCancellationRequested
            && CallFailure.Passing(failure, call.ControlPlane.Endpoint) is { } reason)
        {
            // A failover of the control plane is one of the things that are watched.
            (call.Json ? call.Surroundings.Error : frame).Tell($"hactl: {reason}; trying again until Ctrl-C");
        }
    }

    private static void Show(CommandRunner.Call call, string frame, bool isFirst)
    {
        var output = call.Out;
        if (call.Json)
        {
            output.Write(Page.Of(output).IsYaml && frame.Length > 0 ? $"---{output.NewLine}{frame}" : frame);
        }
        else if (!call.Surroundings.IsDrawn)
        {
            output.Write($"{(isFirst ? "" : output.NewLine)}{Now(call)}{output.NewLine}{frame}");
        }
        else
        {
            output.Write(Screen(frame, Now(call), call.Surroundings.Size(), isFirst));
        }
        output.Flush();
    }

    /// <summary>What draws a frame over the one before, without a flicker: each line ends the old one's rest, and the last the rest of the screen.</summary>
    internal static string Screen(string frame, string head, (int Columns, int Rows) size, bool isFirst)
    {
        var text = new StringBuilder(isFirst ? "\x1b[2J\x1b[H" : "\x1b[H").Append(Fitting(head, size.Columns)).Append("\x1b[K\n");
        var lines = frame.Split('\n');
        // Behind the last line end stands nothing.
        var count = lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        var room = Math.Max(1, size.Rows - 2);
        for (var i = 0; i < Math.Min(count, count > room ? room - 1 : room); i++)
            text.Append(Fitting(lines[i].TrimEnd('\r'), size.Columns)).Append("\x1b[K\n");
        if (count > room)
            text.Append(Fitting(Speech.Of($"… and {count - room + 1} more lines"), size.Columns)).Append("\x1b[K\n");
        return text.Append("\x1b[J").ToString();
    }

    // A line that is wrapped would push the frame off the screen.
    private static string Fitting(string line, int columns) => TextWidth.Cut(line, Math.Max(1, columns - 1));

    private static string Now(CommandRunner.Call call) =>
        Times.Full(Timestamp.FromDateTimeOffset(call.Surroundings.Time.GetUtcNow()), call.Surroundings.Time)[..19];

    /// <summary>What no event tells of: an older control plane does not tell it, and the interval is left.</summary>
    private static async Task FollowAsync(CommandRunner.Call call, string[] selectors, TimeSpan interval, SemaphoreSlim happened)
    {
        while (true)
        {
            try
            {
                using var stream = call.ControlPlane.States.WatchStates(new() { Selectors = { selectors } }, call.Patient);
                var isFirst = true;
                await foreach (var answer in stream.ResponseStream.ReadAllAsync(call.Cancellation).ConfigureAwait(false))
                {
                    // How everything stands is seen by the look that comes anyway.
                    if (!isFirst && !answer.Reset)
                        happened.Release();
                    isFirst &= answer.More;
                }
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
            {
                return;
            }
            catch (RpcException) when (!call.Cancellation.IsCancellationRequested)
            {
                // The look after the interval says what is wrong.
            }
            await Task.Delay(interval, call.Cancellation).ConfigureAwait(false);
        }
    }

    private static async Task ListenAsync(CommandRunner.Call call, TimeSpan interval, SemaphoreSlim happened)
    {
        while (true)
        {
            try
            {
                using var stream = call.ControlPlane.Admin.WatchEvents(new(), call.Patient);
                await foreach (var answer in stream.ResponseStream.ReadAllAsync(call.Cancellation).ConfigureAwait(false))
                {
                    if (answer.Event is not null)
                        happened.Release();
                }
            }
            catch (RpcException) when (!call.Cancellation.IsCancellationRequested)
            {
                // The look after the interval says what is wrong.
            }
            await Task.Delay(interval, call.Cancellation).ConfigureAwait(false);
        }
    }
}
