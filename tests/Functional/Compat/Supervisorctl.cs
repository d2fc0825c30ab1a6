using System.Text.RegularExpressions;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Compat;

/// <summary>Debian's supervisorctl, many commands in one Python process: its start alone takes a fifth of a second.</summary>
internal static partial class Supervisorctl
{
    // Of all commands together; among them are waits for a minute each.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly string Driver = Path.Combine(AppContext.BaseDirectory, "Compat", "commands.py");

    /// <summary>Runs commands; brings what each said and its exit code, ids and times made equal.</summary>
    public static async Task<string> RunAsync(string socket, params string[] commands)
    {
        var result = await Command.Try(Patience, string.Join('\n', commands) + "\n", new Dictionary<string, string>(), "/usr/bin/python3", Driver, $"unix://{socket}");
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
        return Normal(result.Output);
    }

    /// <summary>The answer to each command.</summary>
    public static IReadOnlyDictionary<string, string> ByCommand(string output) => output.Split("$ ", StringSplitOptions.RemoveEmptyEntries)
        .Select((block, i) => (Key: $"{i + 1}: {block[..block.IndexOf('\n')]}", Text: block[(block.IndexOf('\n') + 1)..]))
        .ToDictionary(b => b.Key, b => b.Text);

    private static string Normal(string output) => Socket().Replace(Date().Replace(Number().Replace(Uptime().Replace(output, "pid N, uptime T"), "N"), "DATE"), "unix://SOCKET");

    [GeneratedRegex(@"pid \d+, uptime (\d+ days?, )?\d+:\d\d:\d\d")]
    private static partial Regex Uptime();

    [GeneratedRegex(@"^[1-9]\d*$", RegexOptions.Multiline)]
    private static partial Regex Number();

    [GeneratedRegex(@"[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M")]
    private static partial Regex Date();

    [GeneratedRegex(@"unix://\S+")]
    private static partial Regex Socket();
}
