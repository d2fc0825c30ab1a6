using System.Diagnostics;
using System.Text.Json;

namespace HaGrpc.Lab.Tests;

/// <summary>One call of scripts/lab.sh and what it reported.</summary>
internal sealed record LabRun(int ExitCode, string Output, IReadOnlyList<string> Broken, int Runs)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task<LabRun> Of(params string[] arguments)
    {
        var report = Path.GetTempFileName();
        try
        {
            return await Run(report, [.. arguments, "--json", report]);
        }
        finally
        {
            File.Delete(report);
        }
    }

    private static async Task<LabRun> Run(string report, string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Root(), "scripts", "lab.sh"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"the lab did not end in {Limit.TotalMinutes} min: {string.Join(' ', arguments)}");
        }
        var text = await File.ReadAllTextAsync(report);
        var scenarios = text.Length == 0 ? [] : JsonDocument.Parse(text).RootElement.EnumerateArray().ToList();
        var runs = scenarios.SelectMany(s => s.GetProperty("runs").EnumerateArray()).ToList();
        return new(
            process.ExitCode,
            await output + await error,
            [.. runs.SelectMany(r => r.GetProperty("broken").EnumerateArray()).Select(b => b.GetString()!)],
            runs.Count);
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "HaGrpc.sln")))
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("not inside the repository");
        return directory;
    }
}
