using System.Globalization;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.Compat;

/// <summary>A control plane and a real agent that serves supervisorctl; the control plane can go and come back.</summary>
internal sealed class ServedAgent : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly RunningAgent _agent = new();
    private readonly string _folder;

    // A loopback address of its own: the port is the same when the control plane comes back, and nobody else's.
    private readonly string _address = string.Create(
        CultureInfo.InvariantCulture, $"127.{1 + (Environment.ProcessId % 250)}.{(Environment.ProcessId / 250 % 250) + 1}.{100 + (Interlocked.Increment(ref _last) % 100)}:7443");

    private static int _last;
    private InProcessPlane? _plane;

    private ServedAgent(string folder) => _folder = folder;

    public string Socket => $"{_agent.RunDirectory}/supervisor.sock";

    public string StateDirectory => _agent.StateDirectory;

    public InProcessPlane Plane => _plane ?? throw new InvalidOperationException("the control plane is away");

    /// <summary>Returns when everything that starts by itself is RUNNING.</summary>
    public static async Task<ServedAgent> StartAsync(string folder, IReadOnlyCollection<Wanted> programs, params string[] more)
    {
        var served = new ServedAgent(folder);
        try
        {
            served._plane = await InProcessPlane.StartLeadingAsync($"--sqlite={folder}/plane.db", $"--listen-grpc={served._address}");
            served.Url = served._plane.GrpcUrl;
            var request = new ApplyRequest { Hosts = { new Host { Name = "a" } } };
            foreach (var group in programs.Select(p => p.Group).Distinct())
                request.Groups.Add(Models.Group(group, new Member { Host = "a", Priority = 100 }));
            request.Programs.AddRange(programs.Select(p => p.ToProto(folder)));
            await served.Plane.ApplyAsync(request);
            served.StartAgent(more);
            await served.UntilAsync("all run", lines => lines.Count(l => l.Status?.State == ProgramState.Running) == programs.Count(p => p.Autostart));
            return served;
        }
        catch
        {
            await served.DisposeAsync();
            throw;
        }
    }

    public string Url { get; private set; } = "";

    public string Said => string.Join('\n', _agent.Lines);

    public void StartAgent(params string[] more) => _agent.Start(isolated: false,
    [
        "--host", "a", "--control-plane", Url, "--run-dir", _agent.RunDirectory, "--state-dir", _agent.StateDirectory,
        "--shim", RunningHost.Shim, "--supervisor-socket", Socket, "--log-file", $"{_folder}/agent.json", .. more,
    ]);

    public async Task KillAgentAsync()
    {
        _agent.Signal(Lab.Kernel.Libc.SigKill);
        await _agent.UntilExited();
    }

    public Task UntilSaid(string text) => _agent.UntilSaid(text);

    public async Task PlaneGoesAsync()
    {
        await Plane.StopAsync();
        await Plane.DisposeAsync();
        _plane = null;
    }

    public async Task PlaneComesBackAsync() =>
        _plane = await InProcessPlane.StartLeadingAsync($"--sqlite={_folder}/plane.db", $"--listen-grpc={_address}");

    public async Task<IReadOnlyList<ProgramLine>> ProgramsAsync() => (await Plane.Admin.ListProgramsAsync(new())).Programs;

    public Task UntilAsync(string what, Func<IReadOnlyList<ProgramLine>, bool> holds)
    {
        IReadOnlyList<ProgramLine> seen = [];
        return Eventually.Until(what, Limit, async () => holds(seen = await ProgramsAsync()),
            () => $"{string.Join(", ", seen.Select(l => $"{l.Program.Name} {l.Program.DesiredState} {l.Status?.State}"))}\n{Said}");
    }

    /// <summary>What supervisorctl says.</summary>
    public Task<string> SayAsync(params string[] commands) => Supervisorctl.RunAsync(Socket, commands);

    public async ValueTask DisposeAsync()
    {
        if (_agent.Lines.Count > 0 && !_agent.HasExited)
        {
            _agent.Signal(Lab.Kernel.Libc.SigTerm); // Hands over: no program and no guard is left.
            await _agent.UntilExited();
        }
        _agent.Dispose();
        if (_plane is not null)
            await _plane.DisposeAsync();
    }
}
