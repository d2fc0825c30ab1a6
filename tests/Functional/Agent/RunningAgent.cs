using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using HaGrpc.Agent.Ownership;
using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Agent;

/// <summary>An <c>ha-agent</c> process with directories of its own, in a network namespace of its own unless it is told otherwise: what
/// it knows is what the tests put on its disk.</summary>
internal sealed class RunningAgent : IDisposable
{
    // A lease may last for fifteen starts of an agent, see LeaseAsync.
    private static readonly TimeSpan Limit = 2 * Until.Bound;
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ha-agent-");
    private readonly ConcurrentQueue<string> _lines = new();
    private Process? _process;

    public string RunDirectory => Path.Combine(_root.FullName, "run");

    public string StateDirectory => Path.Combine(_root.FullName, "state");

    public IReadOnlyCollection<string> Lines => _lines;

    public int Pid => _process!.Id;

    /// <summary>Added to its environment.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public bool HasExited => _process!.HasExited;

    /// <summary>Puts a group with these programs into the configuration that the agent has stored last.</summary>
    public void Store(Group group, View view, params HaGrpc.Core.Model.Program[] programs)
    {
        using var state = new StateFiles(StateDirectory, RunningHost.Boot, new CollectedLog<StateFiles>());
        var configuration = new HaGrpc.V1.HostConfiguration { Revision = 1 };
        configuration.Groups.Add(group.ToProto());
        configuration.Programs.AddRange(programs.Select(p => p.ToProto()));
        using var stored = new ManualResetEventSlim();
        state.Save(configuration);
        // Written in this order; a disk that is slower than the patience of an agent that ends must not leave the next one without.
        state.Save(new DurableGroup(group.Name, Accepted: 1, Ended: 0, view), stored.Set);
        stored.Wait(Limit).ShouldBeTrue("it is on disk");
    }

    /// <summary>What its disk says of a group.</summary>
    public DurableGroup Stored(string group)
    {
        using var state = new StateFiles(StateDirectory, RunningHost.Boot, new CollectedLog<StateFiles>());
        return state.LoadGroups(out _).Single(g => g.Group == group);
    }

    /// <summary>Writes the deadline file that an earlier agent would have left (rule W1).</summary>
    public void StoreDeadline(string group, long until)
    {
        Directory.CreateDirectory(Path.Combine(RunDirectory, "groups", group));
        using var file = DeadlineFile.OpenOrCreate(Path.Combine(RunDirectory, "groups", group, "deadline"), RunningHost.Boot);
        (file.Epoch, file.Until) = (1, until);
    }

    public void Start(params string[] more) => Start(isolated: true, Arguments(more));

    /// <summary>Starts it in a network namespace of the test's.</summary>
    public void StartIn(NetworkSpace space) => space.Do(() => Start(isolated: false, Arguments([])));

    /// <param name="isolated">False: in the network namespace of the tests.</param>
    /// <param name="arguments">All of its arguments.</param>
    public void Start(bool isolated, string[] arguments)
    {
        _process?.Dispose();
        string[] unshare = isolated ? ["unshare", .. Environment.IsPrivilegedProcess ? ["-n"] : (string[])["-Urn"], "--"] : [];
        string[] line = [.. unshare, .. Command, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("HA_AGENT_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private string[] Arguments(string[] more) =>
    [
        "--host", "a", "--control-plane", "http://127.0.0.1:9", "--run-dir", RunDirectory, "--state-dir", StateDirectory,
        "--shim", RunningHost.Shim, .. more,
    ];

    public void Signal(int signal) => Libc.Check(Libc.Kill(Pid, signal), string.Create(CultureInfo.InvariantCulture, $"signal {signal}"));

    public Task UntilSaid(string text) =>
        Eventually.Until($"the agent says '{text}'", Limit, () => _lines.Any(l => l.Contains(text, StringComparison.Ordinal)), Said);

    public async Task<int> UntilExited()
    {
        await Eventually.Until("the agent exits", Limit, () => HasExited, Said);
        _process!.WaitForExit(); // its last lines
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
            _process.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        // Shims and guards outlive an agent that is killed, as they should, until the next one comes: here none does.
        Residents.End(_root.FullName);
        foreach (var cgroup in Directory.Exists(RunDirectory) ? Directory.GetFiles(RunDirectory, "cgroup") : [])
            HaGrpc.Linux.Processes.CgroupRoot.TryOpen(File.ReadAllText(cgroup), out _)?.Remove();
        _root.Delete(recursive: true);
    }

    /// <summary>A lease that outlives an agent's start on a machine as busy as this one is now.</summary>
    public static async Task<TimeSpan> LeaseAsync(TimeSpan usual)
    {
        var begun = BootClock.Nanoseconds;
        using var help = Process.Start(new ProcessStartInfo(Command[0], [.. Command[1..], "--help"]) { RedirectStandardOutput = true })!;
        _ = await help.StandardOutput.ReadToEndAsync();
        await help.WaitForExitAsync();
        var start = TimeSpan.FromTicks((BootClock.Nanoseconds - begun) / 100);
        return start * 15 > usual ? start * 15 : usual;
    }

    // From its own output: beside the tests, assemblies that the control plane has from its framework are left out.
    private static string Agent { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../../src/Agent/bin", Path.GetFileName(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, ".."))), "net10.0/ha-agent.dll"));

    /// <summary>The agent as it ships where HAGRPC_AGENT names it, which starts ten times faster; else the one that was built with the tests.</summary>
    private static string[] Command =>
        Environment.GetEnvironmentVariable("HAGRPC_AGENT") is { Length: > 0 } native ? [native] : [Dotnet, Agent];

    public static string Dotnet { get; } =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private string Said() => string.Join('\n', _lines);

    private void Note(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text)
            _lines.Enqueue(text);
    }
}
