using System.Diagnostics;
using System.Runtime.CompilerServices;
using HaGrpc.Core.Supervision;
using HaGrpc.Ctl.Manual;
using HaGrpc.Ctl.Tests.Commands;
using HaGrpc.Ctl.Watching;

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
            string[] files = [.. folder.GetFiles("*.1").Select(f => f.FullName)];
            if (Path.Exists("/usr/bin/groff"))
                (await SaidAsync("groff", ["-ww", "-man", "-Tutf8", "-z", .. files])).ShouldBe("");
            if (Path.Exists("/usr/bin/mandoc"))
                (await SaidAsync("mandoc", ["-T", "lint", "-W", "warning", .. files])).ShouldBe("");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Examples_are_command_lines_of_the_command_that_they_stand_at()
    {
        var root = Hactl.Tree(FakeControlPlane.Nobody()).Root;
        var examples = CommandPage.All(root).SelectMany(page => ManualTexts.ExamplesOf(page).Select(example => (page, example.Line))).ToArray();
        examples.Length.ShouldBe(ManualTexts.ExampleCount);
        foreach (var (page, line) in examples)
        {
            var own = line[line.IndexOf("hactl ", StringComparison.Ordinal)..].Split('|', '>', ')')[0];
            CommandLine.TrySplit(own, out var words, out _).ShouldBeTrue(line);
            var parsed = root.Parse(WatchOption.Spelled([.. words.Skip(1)]));
            parsed.Errors.ShouldBeEmpty(line);
            parsed.CommandResult.Command.ShouldBe(page.Command, line);
        }
    }

    [Theory]
    [InlineData("1700000000", "2023-11-14")]
    [InlineData("", "2026-11-23")]
    [InlineData("soon", "2026-11-23")]
    [InlineData("999999999999999", "2026-11-23")]
    public async Task The_same_source_makes_the_same_page_where_packages_are_built(string epoch, string day)
    {
        using var output = new StringWriter();
        var surroundings = FakeControlPlane.Nobody() with { Out = output, Variable = name => name == "SOURCE_DATE_EPOCH" ? epoch : null };
        (await Hactl.RunAsync(["man"], surroundings, TestContext.Current.CancellationToken)).ShouldBe(0);
        output.ToString().ShouldStartWith($".TH HACTL 1 \"{day}\" \"hactl ");
    }

    [Fact]
    public void A_switch_takes_no_value() => CommandReference.Text(Hactl.Tree(FakeControlPlane.Nobody()).Root).ShouldContain("| `--dry-run` |");

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

    private static async Task<string> SaidAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        return await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await error;
    }

    private static string Published([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/reference/cli.md"));
}
