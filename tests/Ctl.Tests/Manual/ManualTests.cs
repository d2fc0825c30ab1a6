using System.Diagnostics;
using System.Runtime.CompilerServices;
using HaGrpc.Ctl.Manual;
using HaGrpc.Ctl.Tests.Commands;

namespace HaGrpc.Ctl.Tests.Manual;

/// <summary>The manual is written from the tree that parses command lines.</summary>
public sealed class ManualTests
{
    [Fact]
    public void The_reference_is_the_one_of_this_source() => File.ReadAllText(Published()).ShouldBe(
        CommandReference.Text(Hactl.Tree(FakeControlPlane.Nobody()).Root), "write it anew: hactl man --markdown > docs/reference/cli.md");

    [Fact]
    public async Task Every_command_has_a_page_that_troff_takes_without_a_warning()
    {
        var folder = Directory.CreateTempSubdirectory("hactl-man-");
        try
        {
            (await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "", "man", "--dir", folder.FullName)).Code.ShouldBe(0);
            var pages = folder.GetFiles("*.1").Select(f => f.Name).ToHashSet();
            pages.ShouldContain("hactl.1");
            pages.ShouldContain("hactl-audit-list.1");
            pages.Count.ShouldBe(CommandPage.All(Hactl.Tree(FakeControlPlane.Nobody()).Root).Count());
            if (Path.Exists("/usr/bin/groff"))
            {
                var start = new ProcessStartInfo("groff", ["-ww", "-man", "-Tutf8", "-z", .. folder.GetFiles("*.1").Select(f => f.FullName)]) { RedirectStandardError = true };
                using var groff = Process.Start(start)!;
                (await groff.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe("");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Exit_codes_are_all_told() => ManualTexts.ExitCodes.Select(c => c.Code)
        .ShouldBe([ExitCode.Done, ExitCode.Refused, ExitCode.BadInput, ExitCode.NotUp, ExitCode.StatusUnknown, ExitCode.NotRunning, ExitCode.Interrupted]);

    [Fact]
    public async Task A_page_has_what_the_help_has()
    {
        var page = (await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "", "man")).Out;
        page.ShouldStartWith(".TH HACTL 1 ");
        page.ShouldContain(".SH EXIT STATUS");
        page.ShouldContain("\\fBswitchover\\fR");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_told()
    {
        var run = await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "", "man", "--dir", "/proc/nope");
        run.Code.ShouldBe(2);
        run.Error.ShouldStartWith("hactl: --dir /proc/nope: cannot be written: ");
    }

    private static string Published([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/reference/cli.md"));
}
