using HaGrpc.Lab.Kernel;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>Real control planes on one database.</summary>
/// <param name="database">The connection string.</param>
/// <param name="oneMachine">False: each in a pid namespace of its own, so that none can see that another's process is gone.</param>
internal sealed class Planes(string database, bool oneMachine) : IAsyncDisposable
{
    private readonly List<Plane> _planes = [];

    /// <summary>Where they run; null for the tests' own namespace.</summary>
    public LoopbackSpace? Space { get; init; }

    public string[] Urls => [.. _planes.Select(p => p.Url)];

    /// <summary>Starts the first, and when it leads the others.</summary>
    public async Task<Plane> StartAsync(int count)
    {
        var leader = await StartAsync();
        await leader.Process.LineAsync("serves agents and hactl, term 1");
        for (var i = 1; i < count; i++)
            await (await StartAsync()).Process.LineAsync("does not lead: ");
        return leader;
    }

    /// <summary>Waits until one of them serves that term.</summary>
    public async Task<Plane> NextLeaderAsync(int term)
    {
        var waiting = _planes.Where(p => !p.IsKilled).Select(async p =>
        {
            await p.Process.LineAsync($"serves agents and hactl, term {term}:");
            return p;
        });
        return await await Task.WhenAny(waiting);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var plane in _planes)
            await plane.Process.DisposeAsync();
    }

    private async Task<Plane> StartAsync()
    {
        string[] isolated = oneMachine ? [] : ["--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc", "dotnet"];
        var process = RunningProcess.StartCommand(
            Space, [], oneMachine ? "dotnet" : "unshare",
            [.. isolated, .. RunningProcess.Managed("ha-controlplane"), $"--postgres={database}", "--listen-grpc=127.0.0.1:0", "--listen-http=127.0.0.1:0"]);
        var plane = new Plane(process, (await process.LineAsync("Now listening on: ")).Split("on: ")[1].Trim());
        _planes.Add(plane);
        return plane;
    }

    internal sealed class Plane(RunningProcess process, string url)
    {
        public RunningProcess Process { get; } = process;

        public string Url { get; } = url;

        public bool IsKilled { get; private set; }

        public void Kill()
        {
            IsKilled = true;
            Process.Signal(Libc.SigKill);
        }
    }
}
