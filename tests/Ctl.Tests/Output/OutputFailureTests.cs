using System.Diagnostics;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Tests.Output;

/// <summary>Where results cannot go: hactl is run as a process, whose output is what a shell makes of it.</summary>
public sealed class OutputFailureTests
{
    private static readonly string Hactl = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../../src/Ctl/bin", Path.GetFileName(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, ".."))), "net10.0/hactl.dll"));

    [Theory]
    [InlineData("schema > /dev/full", "hactl: standard output cannot be written: No space left on device\n")]
    [InlineData("--help > /dev/full", "hactl: standard output cannot be written: No space left on device\n")]
    [InlineData("schema >&-", "hactl: standard output cannot be written: Bad file descriptor\n")]
    [InlineData("schema > /dev/full 2> /dev/full", "")]
    [InlineData("nope 2> /dev/full", "")]
    public async Task Output_that_cannot_be_written_is_told_and_no_crash(string arguments, string told)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec '{Environment.ProcessPath}' '{Hactl}' {arguments}"]) { RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        (process.ExitCode, said).ShouldBe((1, told));
    }

    [Fact]
    public void What_is_closed_itself_is_told_nothing() =>
        OutputFailure.Tell(new IOException("full"), () => throw new UnauthorizedAccessException(), language: null).ShouldBe(ExitCode.Refused);
}
