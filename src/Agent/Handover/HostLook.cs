using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using HaGrpc.Agent.Configuration;
using HaGrpc.Core.Handover;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Links;
using HaGrpc.Linux.Processes;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Handover;

/// <summary>What this host is like beyond what its groups name: its kernel, its tools, its rules for sudo.</summary>
internal static class HostLook
{
    private const string UnifiedCgroups = "/sys/fs/cgroup/cgroup.controllers", HybridCgroups = "/sys/fs/cgroup/unified/cgroup.controllers";
    private static readonly TimeSpan SudoPatience = TimeSpan.FromSeconds(3);

    /// <summary>Looks.</summary>
    /// <param name="options">This agent.</param>
    /// <param name="programs">The group's programs.</param>
    /// <param name="group">The group.</param>
    public static async Task<PreflightFacts> NowAsync(AgentOptions options, IEnumerable<ConfiguredProgram> programs, Group group)
    {
        var sudo = new List<SudoFact>();
        foreach (var program in programs)
        {
            if (CommandLine.TrySplit(program.Command, out var words, out _) && words[0][(words[0].LastIndexOf('/') + 1)..] == "sudo")
                sudo.Add(new(program.Name, await SudoProblemAsync(program.User, words)));
        }
        return new(
            HasShim: File.Exists(options.ShimPath),
            options.ShimPath,
            HasPidFd: PidFd.TryOpen(Environment.ProcessId) is { } own && Closed(own),
            Cgroups: File.Exists(UnifiedCgroups) ? CgroupKind.Unified : File.Exists(HybridCgroups) ? CgroupKind.Hybrid : CgroupKind.None,
            options.Watchdog.Mode == WatchdogMode.Off ? null : options.Watchdog.Device,
            HasWatchdog: File.Exists(options.Watchdog.Device),
            Sudo: [.. sudo],
            ArpIgnore: group.Vips.Where(v => !v.Address.Contains(':', StringComparison.Ordinal)).Select(v => v.Interface).Distinct(StringComparer.Ordinal)
                .ToImmutableDictionary(name => name, IgnoredArp, StringComparer.Ordinal));
    }

    private static bool Closed(PidFd own)
    {
        own.Dispose();
        return true;
    }

    // The kernel takes the stricter one of the two.
    private static int IgnoredArp(string link) => Math.Max(Number(LinkSettings.Read("ipv4", "all", "arp_ignore")), Number(LinkSettings.Read("ipv4", link, "arp_ignore")));

    private static int Number(string text) => int.TryParse(text, out var number) ? number : 0;

    /// <summary>Empty when the command may be run by sudo without a password; sudo -l only looks.</summary>
    private static async Task<string> SudoProblemAsync(string user, ImmutableArray<string> words)
    {
        // As the program's user: root may do so for anybody without being asked for anything.
        string[] asked = user.Length > 0 ? ["-n", "-u", user, "--", words[0], "-n", "-l"] : ["-n", "-l"];
        var start = new ProcessStartInfo(words[0]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var word in asked)
            start.ArgumentList.Add(word);
        foreach (var word in words.Skip(1).SkipWhile(word => word is "-n" or "-E" or "-H"))
            start.ArgumentList.Add(word);
        try
        {
            using var sudo = Process.Start(start)!;
            sudo.StandardInput.Close();
            using var limit = new CancellationTokenSource(SudoPatience);
            try
            {
                var errors = await sudo.StandardError.ReadToEndAsync(limit.Token);
                await sudo.WaitForExitAsync(limit.Token);
                return sudo.ExitCode == 0 ? "" : errors.Trim().Split('\n')[^1] is { Length: > 0 } said ? said : "it is not allowed, or asks for a password";
            }
            catch (OperationCanceledException)
            {
                sudo.Kill();
                return $"sudo -l did not answer within {SudoPatience.TotalSeconds:F0} s";
            }
        }
        catch (Win32Exception e)
        {
            return $"there is no {words[0]}: {e.Message}";
        }
    }
}
