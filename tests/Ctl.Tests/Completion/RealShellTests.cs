using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Completion;

/// <summary>The completion scripts in the shells themselves.</summary>
public sealed class RealShellTests
{
    // What is typed, and what it is after a tabulator in bash, zsh and fish, which escape what means something to them.
    private static readonly string[][] Lines =
    [
        ["hactl sw", "hactl switchover"],
        ["hactl status web:h", "hactl status web:http"],
        ["hactl status \"web:h", "hactl status \"web:http\""],
        ["hactl status 'web:h", "hactl status 'web:http'"],
        ["hactl status web:\\*", "hactl status web:\\*"],
        ["hactl stop all --rea", "hactl stop all --reason"],
        ["hactl stop --no-wait ap", "hactl stop --no-wait api"],
        ["hactl switchover web --reason \"two words\" --to b", "hactl switchover web --reason \"two words\" --to box"],
        ["hactl switchover web --reason two\\ words --to=b", "hactl switchover web --reason two\\ words --to=box"],
        ["hactl drain two", "hactl drain two\\ words"],
        ["hactl hosts --output=wi", "hactl hosts --output=wide"],
        ["hactl program set web:http prio", "hactl program set web:http priority="],
        ["hactl hosts >/dev/null; hactl why ap", "hactl hosts >/dev/null; hactl why api"],
        ["hactl apply -f only", "hactl apply -f only-one.yaml"],
        ["hactl drain only", "hactl drain only"],
        ["hactl drain zz", "hactl drain zz"],
        ["hactl --endpoint http://127.0.0.1:1 drain b", "hactl --endpoint http://127.0.0.1:1 drain b"],
        ["hactl events --kind HostSu", "hactl events --kind HostSuspected"],
        ["~/hactl rol", "~/hactl rollback"],
    ];

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_tabulator_completes_in(string name)
    {
        Assert.SkipUnless(RealShell.Has("zsh") && RealShell.Has(name), $"zsh and {name} are not installed");
        await using var plane = await CompletionTests.StartAsync();
        plane.Admin.OnHosts = () => new() { Hosts = { new HostStatus { Host = new() { Name = "box" } }, new HostStatus { Host = new() { Name = "two words" } } } };
        using var shell = new RealShell();
        shell.Write("only-one.yaml", "");
        var (lines, screen) = await shell.TypeAsync(name, plane, [.. Lines.Select(line => line[0])]);
        // Whether a space comes at once or with the next key is each shell's own habit.
        lines.Select(line => line.TrimEnd()).ShouldBe(Lines.Select(line => line[1]));
        screen.ShouldNotContain("cannot");
        screen.ShouldNotContain("error", Case.Insensitive);
    }

    [Fact]
    public async Task Zsh_shows_meanings()
    {
        Assert.SkipUnless(RealShell.Has("zsh"), "zsh is not installed");
        await using var plane = await CompletionTests.StartAsync();
        using var shell = new RealShell();
        (await shell.TypeAsync("zsh", plane, "hactl sta")).Screen.ShouldContain("-- Show programs: state, pid, uptime, host.");
    }

    [Fact]
    public async Task Fish_shows_meanings()
    {
        Assert.SkipUnless(RealShell.Has("fish"), "fish is not installed");
        await using var plane = await CompletionTests.StartAsync();
        using var shell = new RealShell();
        var answer = await shell.RunAsync("fish", plane, "--no-config", "-c", "hactl completion fish | source; complete -C 'hactl sta'; complete -C 'hactl status web:'");
        answer.ShouldContain("status\tShow programs: state, pid, uptime, host.\n");
        answer.ShouldContain("web:http\tSTOPPED\n");
    }
}
