using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Compat;

/// <summary>A real supervisord of its own.</summary>
internal sealed class Supervisord : IAsyncDisposable
{
    private readonly RunningProcess _process;

    private Supervisord(RunningProcess process, string socket) => (_process, Socket) = (process, socket);

    public string Socket { get; }

    public static async Task<Supervisord> StartAsync(string folder, IReadOnlyCollection<Wanted> programs)
    {
        var socket = $"{folder}/supervisord.sock";
        await File.WriteAllTextAsync($"{folder}/supervisord.conf", $"""
            [unix_http_server]
            file={socket}
            [supervisord]
            logfile={folder}/supervisord.log
            pidfile={folder}/supervisord.pid
            nodaemon=true
            [rpcinterface:supervisor]
            supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
            {string.Join('\n', programs.Where(p => p.Group != p.Name).GroupBy(p => p.Group)
                .Select(group => $"[group:{group.Key}]\nprograms={string.Join(',', group.Select(p => p.Name))}"))}

            {string.Join('\n', programs.Select(p => p.Section(folder)))}
            """);
        var process = RunningProcess.StartCommand(null, [], "supervisord", "-c", $"{folder}/supervisord.conf");
        await Eventually.Until("supervisord listens", TimeSpan.FromSeconds(60), () => File.Exists(socket), () => process.Output);
        return new(process, socket);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Signal(Libc.SigTerm);
        await _process.ExitCodeAsync();
        await _process.DisposeAsync();
    }
}
