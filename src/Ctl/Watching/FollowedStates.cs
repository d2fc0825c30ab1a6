using Grpc.Core;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Watching;

/// <summary>
/// Programs as they stand, kept up to date by the control plane (docs/adr/0048), over changes of the leader; at an older one, which sends nothing, they are looked at again and again. For one
/// who reads.
/// </summary>
internal sealed class FollowedStates(CommandRunner.Call call, IReadOnlyCollection<string> selectors) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // As long as a change of the leader may take, and then some.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Dictionary<(string Group, string Name, string Host), ProgramLine> _lines = [];
    private readonly HashSet<(string Group, string Name, string Host)> _before = [];
    private AsyncServerStreamingCall<WatchStatesResponse>? _stream;
    private Task<bool>? _reading;
    private long? _lostAt;
    private bool _isOlder, _isSeen;

    /// <summary>Everything; when it has been read before, when something of it has changed.</summary>
    /// <param name="atMost">After so long what is known is returned, changed or not.</param>
    /// <returns>In the order of names.</returns>
    /// <exception cref="RpcException">It was refused, or nobody has answered for a while.</exception>
    internal async Task<IReadOnlyList<ProgramLine>> NextAsync(TimeSpan atMost)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!_isOlder)
        {
            try
            {
                _stream ??= call.ControlPlane.States.WatchStates(new() { Selectors = { selectors } }, call.Patient);
                _reading ??= _stream.ResponseStream.MoveNext(call.Cancellation);
                var left = atMost - TimeProvider.System.GetElapsedTime(begun);
                // Before anything was seen there is nothing that could be returned.
                if (_isSeen && (left <= TimeSpan.Zero || await Task.WhenAny(_reading, Task.Delay(left, call.Cancellation)).ConfigureAwait(false) != _reading) && !_reading.IsCompleted)
                    return Lines();
                if (!await _reading.ConfigureAwait(false))
                    throw new RpcException(new Status(StatusCode.Unavailable, "the control plane ended the stream"));
                _reading = null;
                _lostAt = null;
                if (Take(_stream.ResponseStream.Current))
                    return Lines();
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
            {
                _isOlder = true;
                Close();
            }
            catch (RpcException e) when (!call.Cancellation.IsCancellationRequested && CallFailure.Passing(e, call.ControlPlane.Endpoint) is not null)
            {
                Close();
                _lostAt ??= TimeProvider.System.GetTimestamp();
                if (!_isSeen || TimeProvider.System.GetElapsedTime(_lostAt.Value) > Patience)
                    throw;
                await Task.Delay(Pause, call.Cancellation).ConfigureAwait(false);
            }
        }
        if (_isSeen)
            await Task.Delay(Pause < atMost ? Pause : atMost, call.Cancellation).ConfigureAwait(false);
        _isSeen = true;
        var response = await call.ControlPlane.Admin.ListProgramsAsync(new() { Selectors = { selectors } }, call.Short).ConfigureAwait(false);
        return Ordered(response.Programs);
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private void Close()
    {
        _stream?.Dispose();
        (_stream, _reading) = (null, null);
    }

    /// <returns>True when that is all for now.</returns>
    private bool Take(WatchStatesResponse answer)
    {
        // What is sent anew replaces what was known only when it is all there.
        if (answer.Reset)
        {
            _before.Clear();
            _before.UnionWith(_lines.Keys);
        }
        foreach (var gone in answer.GonePrograms)
            _lines.Remove((gone.Group, gone.Name, gone.Host));
        foreach (var line in answer.Programs)
        {
            var key = (line.Program.Group, line.Program.Name, line.Host);
            _lines[key] = line;
            _before.Remove(key);
        }
        if (answer.More)
            return false;
        foreach (var key in _before)
            _lines.Remove(key);
        _before.Clear();
        _isSeen = true;
        return true;
    }

    private ProgramLine[] Lines() => Ordered(_lines.Values);

    private static ProgramLine[] Ordered(IEnumerable<ProgramLine> lines) =>
        [.. lines.OrderBy(StatusLines.Name, StringComparer.Ordinal).ThenBy(line => line.Host, StringComparer.Ordinal)];
}
