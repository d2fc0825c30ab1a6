using System.Diagnostics;
using HaGrpc.Lab.Kernel;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>A real binary from the build's output; every line that it writes is kept.</summary>
internal sealed class RunningProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly Task _reading;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public int Pid => _process.Id;

    /// <summary>What it has written, both streams.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Starts <c>ha-controlplane</c>, <c>ha-agent</c> or <c>hactl</c> of this build.</summary>
    public static RunningProcess Start(string binary, params string[] arguments) => Start(binary, null, [], arguments);

    /// <param name="binary">Its name.</param>
    /// <param name="space">The namespace that it runs in; null for this process's own.</param>
    /// <param name="environment">Added to this process's own.</param>
    /// <param name="arguments">Its arguments.</param>
    public static RunningProcess Start(
        string binary, LoopbackSpace? space, Dictionary<string, string> environment, params string[] arguments) =>
        StartCommand(space, environment, "dotnet", [.. Managed(binary), .. arguments]);

    /// <summary>What <c>dotnet</c> is told to run a binary of the build's output. The tests' frameworks stand in for what
    /// this output does not repeat of a native binary's packages.</summary>
    public static string[] Managed(string binary)
    {
        var tests = Path.Combine(AppContext.BaseDirectory, "HaGrpc.Functional.Tests");
        return
        [
            "exec", "--runtimeconfig", $"{tests}.runtimeconfig.json", "--depsfile", $"{tests}.deps.json",
            Path.Combine(AppContext.BaseDirectory, $"{binary}.dll"),
        ];
    }

    /// <summary>Starts any command.</summary>
    public static RunningProcess StartCommand(
        LoopbackSpace? space, Dictionary<string, string> environment, string command, params string[] arguments)
    {
        string[] line = [.. space?.Enter ?? [], command, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start) ?? throw new InvalidOperationException($"{line[0]} did not start"));
    }

    /// <summary>Waits until a line holds the text, and brings that line.</summary>
    /// <param name="text">What it holds.</param>
    /// <param name="also">What it holds as well.</param>
    public async Task<string> LineAsync(string text, string also = "")
    {
        using var limit = new CancellationTokenSource(Until.Bound);
        while (true)
        {
            // Looked at first: what it says last comes before its end.
            var hasEnded = _reading.IsCompleted;
            Task next;
            lock (_lock)
            {
                if (_lines.Find(line => line.Contains(text, StringComparison.Ordinal) && line.Contains(also, StringComparison.Ordinal)) is { } found)
                    return found;
                next = _more.Task;
            }
            if (hasEnded)
                throw new InvalidOperationException($"it ended without saying '{text}':\n{Output}");
            try
            {
                await Task.WhenAny(next, _reading).WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"it did not say '{text}':\n{Output}");
            }
        }
    }

    public void Signal(int signal) => Libc.Check(Libc.Kill(_process.Id, signal), "kill");

    /// <summary>Waits for its end; the exit code, 128 + n for a death by a signal.</summary>
    public async Task<int> ExitCodeAsync()
    {
        using var limit = new CancellationTokenSource(Until.Bound);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"it did not end:\n{Output}");
        }
        await _reading;
        return _process.ExitCode;
    }

    /// <summary>Writes its whole standard input.</summary>
    public async Task WriteAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        _process.StandardInput.Close();
    }

    public void CloseInput() => _process.StandardInput.Close();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lock)
            {
                _lines.Add(line);
                Interlocked.Exchange(ref _more, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            }
        }
    }
}
