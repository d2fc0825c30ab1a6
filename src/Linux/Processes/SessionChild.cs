using System.Diagnostics;
using System.Text;

namespace HaGrpc.Linux.Processes;

/// <summary>A command that is run once in a session of its own, whose processes are all killed when it ends or takes too long.</summary>
public static class SessionChild
{
    // Of util-linux, which every distribution has: the runtime cannot start a child as leader of a group.
    private const string SetSid = "/usr/bin/setsid";

    // A process that cannot be killed, as in a dead network file system, holds up nobody for longer.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Runs it with a clean environment in <c>/</c>.</summary>
    /// <param name="path">Absolute path of the command; it gets no arguments.</param>
    /// <param name="input">What it reads from standard input.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="kept">How many bytes of each output are kept, the last ones.</param>
    /// <param name="time">The clock of <paramref name="timeout"/>.</param>
    /// <param name="ct">Kills it.</param>
    /// <exception cref="OperationCanceledException">It was killed because <paramref name="ct"/> wanted so.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">It could not be started.</exception>
    public static async Task<ChildResult> RunAsync(
        string path, string input, TimeSpan timeout, int kept, TimeProvider time, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(input);
        var start = new ProcessStartInfo(SetSid)
        {
            ArgumentList = { path },
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear(); // What this process was given may be secret.
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LANG"] = "C.UTF-8";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{SetSid} was not started");
        var session = process.Id;
        var output = new Tail(kept);
        var errors = new Tail(kept);
        var reading = Task.WhenAll(
            output.ReadAsync(process.StandardOutput.BaseStream), errors.ReadAsync(process.StandardError.BaseStream));
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        var isLate = false;
        try
        {
            // One that does not read fills the pipe: written beside the wait.
            _ = WriteAsync(process, input);
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            isLate = true;
        }
        _ = Libc.kill(-session, Libc.SIGKILL);
        var ended = Task.WhenAll(reading, process.WaitForExitAsync(CancellationToken.None));
        _ = await Task.WhenAny(ended, Task.Delay(Grace, time, CancellationToken.None)).ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        return new ChildResult(isLate ? null : process.ExitCode, output.Text, errors.Text);
    }

    private static async Task WriteAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(input)).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It has ended without reading everything, which is its own affair.
        }
    }

    /// <summary>The last bytes of a stream.</summary>
    private sealed class Tail(int kept)
    {
        private readonly Queue<byte> _bytes = new();

        public string Text
        {
            get
            {
                lock (_bytes)
                    return Encoding.UTF8.GetString([.. _bytes]);
            }
        }

        public async Task ReadAsync(Stream stream)
        {
            var buffer = new byte[4096];
            try
            {
                while (await stream.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
                    Add(buffer.AsSpan(0, count));
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Nobody reads it any more.
            }
        }

        private void Add(ReadOnlySpan<byte> bytes)
        {
            lock (_bytes)
            {
                foreach (var one in bytes)
                {
                    if (_bytes.Count == kept)
                        _ = _bytes.Dequeue();
                    _bytes.Enqueue(one);
                }
            }
        }
    }
}

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">128 and more for a signal; null when it took too long and was killed.</param>
/// <param name="Output">The end of its standard output.</param>
/// <param name="Errors">The end of its standard error.</param>
public sealed record ChildResult(int? ExitCode, string Output, string Errors);
