using System.Diagnostics;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("sta", "start status")]
    [InlineData("audit |", "export head list verify")]
    [InlineData("hosts --out", "--output")]
    [InlineData("hosts -o |", "json jsonl table wide yaml")]
    [InlineData("status |", "all api api:* api:http web web:* web:http")]
    [InlineData("stop web:h", "web:http")]
    [InlineData("switchover |", "api web")]
    [InlineData("switchover web --to |", "a b")]
    [InlineData("drain |", "a b")]
    [InlineData("tail a", "api:http")]
    [InlineData("program update w", "web web:http")]
    [InlineData("events --group |", "api web")]
    [InlineData("delete group |", "api web")]
    [InlineData("host revoke |", "a b")]
    [InlineData("operator add |", "")]
    [InlineData("nonsense |", "")]
    [InlineData("status zzz", "")]
    public async Task Words_go_on_with_what_there_is(string typed, string words)
    {
        await using var plane = await StartAsync();
        var run = await plane.RunAsync(["complete", "--", .. typed.Replace("|", "", StringComparison.Ordinal).Split(' ')]);
        (run.Code, run.Out.Trim().Replace('\n', ' '), run.Error).ShouldBe((0, words, ""));
    }

    [Fact]
    public async Task Nobody_there_means_no_names_and_no_noise()
    {
        var run = await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "", "complete", "--", "drain", "");
        run.ShouldBe(new(0, "", ""));
        (await FakeControlPlane.RunAtAsync("ftp://nonsense", "", "complete", "--", "drain", "")).ShouldBe(new(0, "", ""));
    }

    [Fact]
    public async Task Help_asks_nobody_for_names()
    {
        await using var plane = await StartAsync();
        (await plane.RunAsync("--help")).Out.ShouldContain("drain <HOST>");
        plane.Admin.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("hactl status web:h", "http")]
    [InlineData("hactl sw", "switchover")]
    [InlineData("hactl switchover web --to ", "a b")]
    public async Task Bash_completes_with_the_script(string line, string reply)
    {
        // hactl is a shell function here that asks as the real one would be asked.
        var script = (await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "", "completion", "bash")).Out;
        await using var plane = await StartAsync();
        var words = line.Split(' ')[1..];
        var answer = (await plane.RunAsync(["complete", "--", .. words])).Out;
        var bash = $$"""
            {{script}}
            hactl() { [ "$1" = complete ] && [ "$2" = -- ] || exit 9; shift 2; [ "$*" = "{{string.Join(' ', words)}}" ] || exit 8; printf '%s' "$ANSWER"; }
            COMP_LINE="{{line}}" COMP_POINT={{line.Length}}
            _hactl
            echo "${COMPREPLY[*]}"
            """;
        var start = new ProcessStartInfo("bash", ["--norc", "-c", bash]) { RedirectStandardOutput = true, Environment = { ["ANSWER"] = answer } };
        using var process = Process.Start(start)!;
        (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe(reply + "\n");
    }

    [Theory]
    [InlineData("zsh", "#compdef hactl")]
    [InlineData("fish", "complete -c hactl")]
    public async Task Other_shells_have_theirs(string shell, string part) =>
        (await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "", "completion", shell)).Out.ShouldContain(part);

    private static async Task<FakeControlPlane> StartAsync()
    {
        var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnHosts = () => new() { Hosts = { new HostStatus { Host = new() { Name = "a" } }, new HostStatus { Host = new() { Name = "b" } } } };
        plane.Admin.OnGroups = () => new() { Groups = { new GroupStatus { Group = new() { Name = "web" } }, new GroupStatus { Group = new() { Name = "api" } } } };
        plane.Admin.OnPrograms = _ => new()
        {
            Programs = { new ProgramLine { Program = new() { Group = "web", Name = "http" } }, new ProgramLine { Program = new() { Group = "api", Name = "http" } } },
        };
        return plane;
    }
}
