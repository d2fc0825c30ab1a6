using System.Diagnostics;
using System.Text.Json;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Handover;

/// <summary>A host with a neighbour on a wire, and on it a control plane, an agent called a and an operator: real processes but for hactl, in a
/// network namespace of their own.</summary>
internal sealed class HandoverSpace : IAsyncDisposable
{
    private const string Url = "http://127.0.0.1:7443";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ha-handover-");
    private readonly RunningProcess _plane;
    private readonly List<Process> _started = [];
    private readonly Door _door;
    private bool _hasAgent;

    public HandoverSpace()
    {
        _door = new(Wire.Host, 7443);
        _plane = Wire.Host.Do(() => RunningProcess.Start(
            "ha-controlplane", "--listen-grpc=127.0.0.1:7443", "--listen-http=127.0.0.1:7480", $"--sqlite={_folder.FullName}/plane.db"));
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
    }

    public HostOnWire Wire { get; } = new();

    public RunningAgent Agent { get; } = new();

    public string Folder => _folder.FullName;

    public string Said => $"{_plane.Output}\n{string.Join('\n', Agent.Lines)}";

    /// <summary>Registers a manifest and starts the agent.</summary>
    public async Task BeginAsync(string manifest)
    {
        var file = Path.Combine(Folder, "manifest.yaml");
        await File.WriteAllTextAsync(file, manifest);
        await Eventually.Until("the control plane takes the manifest", ControlPlane.Parts.Until.Bound, async () => (await RunAsync("apply", "-f", file)).Code == 0, () => Said);
        StartAgent();
    }

    public void StartAgent()
    {
        Wire.Host.Do(() => Agent.Start(isolated: false,
        [
            "--host", "a", "--control-plane", Url, "--run-dir", Agent.RunDirectory, "--state-dir", Agent.StateDirectory, "--shim", RunningHost.Shim,
        ]));
        _hasAgent = true;
    }

    /// <summary>Starts something that is nobody's of ours.</summary>
    public Process Start(params string[] line)
    {
        var process = Wire.Host.Do(() => Process.Start(new ProcessStartInfo(line[0], line[1..]) { WorkingDirectory = Folder })!);
        _started.Add(process);
        return process;
    }

    /// <summary>Runs hactl in this process: one of its own would take a second of a core each time, and a look at a status is one.</summary>
    public async Task<Operator.Run> RunAsync(params string[] arguments)
    {
        try
        {
            return await Operator.RunAsync(_door.Url, arguments);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{Said}", e);
        }
    }

    /// <summary>A program's line of <c>hactl status -o json</c>.</summary>
    public async Task<(string State, int Pid, string Description)> StatusAsync(string program)
    {
        var run = await RunAsync("status", program, "-o", "json");
        if (run.Out.Length == 0)
            return ("", 0, run.Error);
        var line = JsonDocument.Parse(run.Out).RootElement.GetProperty("programs")[0];
        return (
            line.GetProperty("state").GetString()!,
            line.GetProperty("pid") is { ValueKind: JsonValueKind.Number } pid ? pid.GetInt32() : 0,
            line.GetProperty("description").GetString()!);
    }

    public Task UntilAsync(string program, Func<(string State, int Pid, string Description), bool> holds, string what)
    {
        (string, int, string) seen = default;
        return Eventually.Until(what, ControlPlane.Parts.Until.Bound, async () => holds((seen = await StatusAsync(program)) is var now ? seen : now), () => $"{seen}\n{Said}");
    }

    public async ValueTask DisposeAsync()
    {
        // Whatever is ours ends with the agent's orderly stop.
        if (_hasAgent && !Agent.HasExited)
        {
            Agent.Signal(Lab.Kernel.Libc.SigTerm);
            await Agent.UntilExited();
        }
        _door.Dispose();
        await _plane.DisposeAsync();
        Agent.Dispose();
        foreach (var process in _started)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
        Wire.Dispose();
        _folder.Delete(recursive: true);
    }
}
