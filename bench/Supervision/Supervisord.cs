using System.Globalization;
using System.Text;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;

namespace HaGrpc.Bench.Supervision;

/// <summary>Debian's supervisord with its own command.</summary>
internal sealed class Supervisord(string directory) : Supervisor
{
    private LabProcess? _daemon;

    public override string Name => "supervisord";

    public override int Pid => _daemon!.Pid;

    private string Configuration => $"{directory}/supervisord.conf";

    public override async Task Start()
    {
        Directory.CreateDirectory($"{directory}/programs");
        await File.WriteAllTextAsync(Configuration, $"""
            [unix_http_server]
            file={directory}/supervisor.sock
            [supervisord]
            logfile={directory}/supervisord.log
            pidfile={directory}/supervisord.pid
            nodaemon=true
            minfds=16384
            [rpcinterface:supervisor]
            supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
            [supervisorctl]
            serverurl=unix://{directory}/supervisor.sock
            [include]
            files={directory}/programs/*.conf

            """);
        await Launch();
    }

    /// <summary>Its way to take many programs at once is its start: update would add one after another.</summary>
    public override async Task Add(IReadOnlyList<BenchProgram> programs)
    {
        var text = new StringBuilder();
        foreach (var program in programs)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"[program:{program.Name}]\ncommand={program.Command}\nstartsecs={program.StartSeconds}\nautorestart=true\nstdout_logfile={program.Output}\nstdout_logfile_backups=1\nstderr_logfile=NONE\n");
        }
        await File.WriteAllTextAsync($"{directory}/programs/bench.conf", text.ToString());
        await End();
        _daemon = Run();
    }

    public override async Task<int> Running()
    {
        var answer = await Command.Try(
            "<?xml version='1.0'?><methodCall><methodName>supervisor.getAllProcessInfo</methodName></methodCall>",
            new Dictionary<string, string>(),
            "curl", "-s", "--unix-socket", $"{directory}/supervisor.sock", "-H", "Content-Type: text/xml", "--data-binary", "@-", "http://localhost/RPC2");
        return answer.Output.Split("<string>RUNNING</string>").Length - 1;
    }

    public override Task StopAll() => Control("stop", "all");

    public override Task Status() => Control("status");

    public override IReadOnlyList<int> Shims() => [];

    public override async ValueTask DisposeAsync() => await End();

    private LabProcess Run() => LabProcess.Start(
        "supervisord", $"{directory}/out.log", null, new Dictionary<string, string>(), "supervisord", "-c", Configuration);

    private async Task Launch()
    {
        _daemon = Run();
        await Eventually.Until("supervisord answers", TimeSpan.FromSeconds(30), async () =>
            (await Command.Try("", new Dictionary<string, string>(), "supervisorctl", "-c", Configuration, "pid")).ExitCode == 0);
    }

    private async Task End()
    {
        if (_daemon is not { HasExited: false } daemon)
            return;
        daemon.Signal(Libc.SigTerm);
        await daemon.WaitForExit(TimeSpan.FromSeconds(120));
        daemon.Dispose();
    }

    // Its exit code is not 0 when a program is not RUNNING.
    private Task<CommandResult> Control(string command, params string[] arguments) => Command.Try(
        "", new Dictionary<string, string>(), ["supervisorctl", "-c", Configuration, command, .. arguments]);
}
