using System.Net;
using System.Net.Sockets;
using HaGrpc.Agent.Rehearsal;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal;
using HaGrpc.Lab.World;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Functional.Tests.Rehearsal;

/// <summary>What a rehearsal finds on this very machine.</summary>
public sealed class RehearserTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hagrpc-rehearsal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_program_that_would_start_here_is_ready()
    {
        var findings = await RehearseAsync(Program("/bin/sleep 1") with { Directory = _folder, StdoutLogfile = $"{_folder}/log", User = "nobody" }, []);
        // The folder is the tests' own: nobody else may enter it.
        findings.Single(f => f.What == "directory").Value.ShouldBe($"permission denied to '{_folder}'");
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        findings = await RehearseAsync(Program("sleep 1") with { Directory = _folder, StdoutLogfile = $"{_folder}/log", User = "nobody" }, []);
        findings.Select(f => (f.What, f.Verdict == Verdict.Fails)).ShouldBe([("user", false), ("command", false), ("directory", false), ("log", false)]);
    }

    [Fact]
    public async Task A_missing_binary_user_and_directory_are_found()
    {
        var findings = await RehearseAsync(Program($"{_folder}/none") with { User = "nosuchuser", Directory = $"{_folder}/gone", StderrLogfile = $"{_folder}/logs/e" }, []);
        findings.Where(f => f.Verdict == Verdict.Fails).Select(f => (f.What, f.Value)).ShouldBe([
            ("user", "no such user 'nosuchuser'"),
            ("command", $"can't find command '{_folder}/none'"),
            ("directory", $"no such directory '{_folder}/gone'"),
            ("log", $"no such directory '{_folder}/logs'")]);
        (await RehearseAsync(Program("no-such-command-anywhere"), [])).Single().Value.ShouldBe("can't find command 'no-such-command-anywhere'");
    }

    [Fact]
    public async Task The_kernel_says_who_may_execute_a_file()
    {
        var tool = $"{_folder}/tool";
        File.WriteAllText(tool, "#!/bin/sh\n");
        (await RehearseAsync(Program(tool), [])).Single().Value.ShouldBe($"command at '{tool}' is not executable");
        File.SetUnixFileMode(tool, (UnixFileMode)0b111_000_000);
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        (await RehearseAsync(Program(tool), [])).Single().Verdict.ShouldBe(Verdict.Ok);
        (await RehearseAsync(Program(tool) with { User = "nobody" }, [])).Single(f => f.What == "command").Value.ShouldBe($"nobody may not execute '{tool}'");
        File.SetUnixFileMode(tool, (UnixFileMode)0b111_101_101);
        (await RehearseAsync(Program(tool) with { User = "nobody" }, [])).ShouldAllBe(f => f.Verdict == Verdict.Ok);
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_000_000);
        (await RehearseAsync(Program(tool) with { User = "nobody" }, [])).Single(f => f.What == "command").Verdict.ShouldBe(Verdict.Fails);
    }

    [Fact]
    public async Task A_taken_port_is_found_with_who_has_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var program = Program("/bin/sleep 1") with
        {
            Liveness = new(CheckKind.Tcp, $"127.0.0.1:{port}"),
            Readiness = new(CheckKind.Http, "http://127.0.0.1:9/health"),
        };
        var found = (await RehearseAsync(program, [])).Where(f => f.What == "port").ToArray();
        found.Select(f => f.Verdict).ShouldBe([Verdict.Ok, Verdict.Fails]);
        found[1].Value.ShouldBe($"{port} (liveness) is taken: {File.ReadAllText("/proc/self/comm").Trim()} (pid {Environment.ProcessId}) listens on 127.0.0.1:{port}");
        (await RehearseAsync(program, [], runs: true)).ShouldAllBe(f => f.What != "port");
    }

    [Fact]
    public async Task A_missing_interface_is_found_and_what_is_there_is_seen()
    {
        var findings = await RehearseAsync(Program("/bin/sleep 1"), [new("192.0.2.10/32", "none0"), new("127.0.0.1/8", "none1")]);
        findings.Where(f => f.What == "interface").Select(f => (f.Verdict, f.Value)).ShouldBe([
            (Verdict.Fails, "none0: this host has no such interface"), (Verdict.Fails, "none1: this host has no such interface")]);
        findings.Where(f => f.What == "address").Select(f => (f.Verdict, f.Value)).ShouldBe([
            (Verdict.Ok, "192.0.2.10 is not on this host"), (Verdict.Fails, "127.0.0.1 is on lo already")]);
        (await RehearseAsync(Program("/bin/sleep 1"), [new("192.0.2.10/32", "lo")])).ShouldAllBe(f => f.Verdict == Verdict.Ok);
    }

    [Fact]
    public async Task The_script_of_a_vip_has_to_be_there_and_executable()
    {
        var script = $"{_folder}/claim-vip";
        (await ScriptAsync()).Value.ShouldBe($"there is no script '{script}'");
        File.WriteAllText(script, "#!/bin/sh\n");
        (await ScriptAsync()).Value.ShouldBe($"'{script}' is not executable");
        File.SetUnixFileMode(script, (UnixFileMode)0b111_000_000);
        (await ScriptAsync()).Verdict.ShouldBe(Verdict.Ok);

        async Task<Finding> ScriptAsync() =>
            (await RehearseAsync(Program("/bin/sleep 1"), [new("192.0.2.10/32", "lo", Script: script)])).Single(f => f.What == "script");
    }

    [Fact]
    public async Task A_full_disk_is_found()
    {
        var disk = Directory.CreateDirectory($"{_folder}/disk").FullName;
        await Command.Run("mount", "-t", "tmpfs", "-o", "size=256k,nr_inodes=1000", "none", disk);
        try
        {
            var program = Program("/bin/sleep 1") with { Directory = disk, StdoutLogfile = $"{disk}/log" };
            (await RehearseAsync(program, [])).ShouldAllBe(f => f.Verdict == Verdict.Ok);
            File.WriteAllBytes($"{disk}/much", new byte[250 << 10]);
            (await RehearseAsync(program, [])).Where(f => f.Verdict == Verdict.Fails).Select(f => f.What).ShouldBe(["directory", "log"]);
            File.Delete($"{disk}/much");
            for (var i = 0; i < 950; i++)
                File.WriteAllText($"{disk}/{i}", "");
            (await RehearseAsync(program, [])).Where(f => f.Verdict == Verdict.Fails).Select(f => f.Value).ShouldAllBe(v => v.EndsWith(": full") && v.Contains("more files fit"));
        }
        finally
        {
            await Command.Run("umount", "--lazy", disk);
        }
    }

    [Fact]
    public async Task What_is_not_wanted_to_run_needs_nothing() =>
        (await RehearseAsync(Program("/none") with { DesiredState = DesiredState.Stopped }, [])).ShouldBeEmpty();

    private static ConfiguredProgram Program(string command) => new() { Name = new("web", "http"), Command = command };

    private static async Task<IReadOnlyList<Finding>> RehearseAsync(ConfiguredProgram program, Vip[] vips, bool runs = false)
    {
        var group = new Group("web", [new("a", 120), new("b", 80)], [.. vips], [], GroupTiming.Default, new(FailbackMode.Manual, TimeSpan.Zero));
        var (findings, problem) = await new Rehearser("b", TimeProvider.System).RehearseAsync(group, [program], "", _ => runs, []);
        problem.ShouldBe("");
        return findings;
    }
}
