using System.Net;
using System.Net.Sockets;
using HaGrpc.Ctl.Tests.Commands;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Completion;

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
    [InlineData("tail api:http |", "stderr stdout")]
    [InlineData("tail api:http std", "stderr stdout")]
    [InlineData("stop --no-wait we", "web web:* web:http")]
    [InlineData("stop --no-wait --rea", "--reason")]
    [InlineData("status -w we", "web web:* web:http")]
    [InlineData("switchover web --to=|", "--to=a --to=b")]
    [InlineData("hosts --output=js", "--output=json --output=jsonl")]
    [InlineData("program set web:http stop_a", "stop_as_group=")]
    [InlineData("program set we", "web:http")]
    [InlineData("token create --host |", "a b")]
    [InlineData("export host/|", "host/a host/b")]
    [InlineData("apply -f |", "")]
    [InlineData("program update w", "web web:http")]
    [InlineData("events --group |", "api web")]
    [InlineData("delete group |", "api web")]
    [InlineData("host revoke |", "a b")]
    [InlineData("operator add |", "")]
    [InlineData("--endpoint http://127.0.0.1:1 sta", "start status")]
    [InlineData("--endpoint http://127.0.0.1:1 --endpoint http://127.0.0.1:2 sta", "start status")]
    [InlineData("--endpoint=http://127.0.0.1:1 audit li", "list")]
    [InlineData("events --kind OwnerLost --group |", "api web")]
    [InlineData("apply -f a.yaml --dry", "--dry-run")]
    [InlineData("apply -f a.yaml -f b.yaml --dry", "--dry-run")]
    [InlineData("tail -f api:http std", "stderr stdout")]
    [InlineData("diff --file=a.yaml --file=b.yaml --fi", "--file")]
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

    [Fact]
    public async Task One_that_accepts_and_never_answers_is_not_waited_for()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var surroundings = FakeControlPlane.Nobody() with { NamePatience = TimeSpan.FromMilliseconds(100) };
        var url = $"http://{silent.LocalEndpoint}";
        var code = await Hactl.RunAsync(["complete", "--", "--endpoint", url, "drain", ""], surroundings, TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        code.ShouldBe(0);
    }

    [Theory]
    [InlineData("zsh", "status web:h", "web:http\tSTOPPED\n")]
    [InlineData("fish", "start we", "web\t1 program\nweb:*\t1 program\nweb:http\tSTOPPED\n")]
    [InlineData("fish", "swi", "switchover\tMove a group to another host, planned.\n")]
    [InlineData("fish", "hosts -o ta", "table\n")]
    [InlineData("zsh", "apply -f ./x", ":files\n")]
    public async Task Shells_that_show_meanings_get_them(string shell, string typed, string answer)
    {
        await using var plane = await StartAsync();
        (await plane.RunAsync(["complete", "--for", shell, "--", .. typed.Split(' ')])).Out.ShouldBe(answer);
    }

    [Fact]
    public async Task Meanings_are_Chinese_where_messages_are()
    {
        await using var plane = await StartAsync();
        (await plane.RunAsync("--lang", "zh", "complete", "--for", "fish", "--", "start", "web")).Out.ShouldContain("web:*\t1 个程序\n");
    }

    [Fact]
    public async Task A_kind_of_events_is_one_of_the_catalogue_with_its_meaning()
    {
        await using var plane = await StartAsync();
        (await plane.RunAsync("complete", "--for", "fish", "--", "events", "--kind", "HostSu")).Out.ShouldBe("HostSuspected\ta host is late with its heartbeats\n");
        (await plane.RunAsync("--lang", "zh", "complete", "--for", "fish", "--", "events", "--kind=HostSu")).Out.ShouldBe("--kind=HostSuspected\t一台主机的心跳迟到\n");
    }

    internal static async Task<FakeControlPlane> StartAsync()
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
