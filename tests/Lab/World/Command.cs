using System.Diagnostics;

namespace HaGrpc.Lab.World;

/// <summary>What a command that ends by itself said.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>Runs short commands such as ip(8), nft(8) and hactl.</summary>
internal static class Command
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task<CommandResult> Try(string input, IReadOnlyDictionary<string, string> environment, params string[] line) =>
        Try(Limit, input, environment, line);

    /// <summary>One that may take longer than most.</summary>
    public static async Task<CommandResult> Try(TimeSpan patience, string input, IReadOnlyDictionary<string, string> environment, params string[] line)
    {
        var start = new ProcessStartInfo(line[0], line.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"cannot start {line[0]}");
        using var limit = new CancellationTokenSource(patience);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"did not end in {patience.TotalSeconds} s: {string.Join(' ', line)}");
        }
    }

    /// <summary>Runs a command that has to succeed.</summary>
    public static async Task<string> Run(params string[] line) => await Run("", line);

    public static async Task<string> Run(string input, string[] line)
    {
        var result = await Try(input, new Dictionary<string, string>(), line);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"{string.Join(' ', line)}: exit code {result.ExitCode}: {result.Error}{result.Output}");
    }
}
