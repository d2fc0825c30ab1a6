using System.Text;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>Several control planes by name, and the token that goes to its own and to nobody else.</summary>
public sealed class ContextCommandTests : IDisposable
{
    private const string Token = "hagrpc1op.id.secret";

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("hagrpc-home-");
    private readonly Dictionary<string, string> _variables = [];

    private string ConfigFile => Path.Combine(_home.FullName, ".config", "hagrpc", "config");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task Contexts_are_added_listed_used_and_removed()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        (await RunAsync("context", "list")).Out.ShouldBe("NAME  ENDPOINTS  COMES IN BY\n");
        (await RunAsync("context", "add", "lab", "--endpoint", plane.Url)).Out.ShouldBe($"lab: {plane.Url}, used from now on\n");
        (await RunAsync("context", "add", "far", "--endpoint", "http://127.0.0.1:1,http://127.0.0.1:2")).Out.ShouldBe("far: http://127.0.0.1:1, http://127.0.0.1:2\n");
        var list = (await RunAsync("context", "list")).Out.Split('\n');
        list[1].ShouldBe("far    http://127.0.0.1:1,http://127.0.0.1:2  -");
        list[2].ShouldStartWith($"lab *  {plane.Url} ");

        (await RunAsync("hosts")).Code.ShouldBe(0, "the one that is used");
        (await RunAsync("hosts", "--context", "far")).Code.ShouldBe(7);
        (await RunAsync("context", "use", "far")).Out.ShouldBe("far: used from now on\n");
        (await RunAsync("hosts")).Code.ShouldBe(7);
        _variables["HACTL_CONTEXT"] = "lab";
        (await RunAsync("hosts")).Code.ShouldBe(0);
        _variables.Clear();
        (await RunAsync("context", "remove", "far")).Out.ShouldBe("far: removed\n");
        (await RunAsync("hosts", "--context", "far")).Error.ShouldBe("hactl: there is no context far; there are lab\n");
        (await RunAsync("hosts", "--context", "lab", "--endpoint", plane.Url)).Error.ShouldBe("hactl: --context lab: must not be given with --endpoint\n");
        (await RunAsync("context", "add", "lab", "--endpoint", plane.Url)).Error.ShouldBe("hactl: there is a context lab already: remove it first\n");
        (await RunAsync("context", "add", "x")).Error.ShouldBe("hactl: context add x: needs --endpoint URL\n");
        plane.Admin.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_token_is_kept_for_its_owner_alone_and_sent_to_its_own_context_only()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        await using var other = await FakeControlPlane.StartAsync();
        (await RunAsync("login", "--token-stdin")).Error.ShouldBe("hactl: there is no context to log in to: hactl context add NAME --endpoint URL\n");
        await RunAsync("context", "add", "lab", "--endpoint", plane.Url);
        (await RunWithAsync("nonsense\n", "login", "--token-stdin")).Error.ShouldBe("hactl: standard input: must be a token, which begins with hagrpc1op.\n");
        (await RunWithAsync($"{Token}\n", "login", "--token-stdin")).Out.ShouldBe($"lab: the token is kept in {ConfigFile}\n");
        File.GetUnixFileMode(ConfigFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await RunAsync("context", "list")).Out.ShouldNotContain("secret");

        await RunAsync("hosts");
        plane.Admin.Authorizations.ShouldBe([$"Bearer {Token}"]);
        await RunAsync("hosts", "--endpoint", other.Url);
        _variables["HACTL_ENDPOINT"] = other.Url;
        await RunAsync("hosts");
        _variables["HACTL_TOKEN"] = "hagrpc1op.other.one";
        await RunAsync("hosts");
        other.Admin.Authorizations.ShouldBe(["", "", "Bearer hagrpc1op.other.one"]);
    }

    [Fact]
    public async Task A_token_that_others_can_read_is_not_used()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        await RunAsync("context", "add", "lab", "--endpoint", plane.Url);
        File.SetUnixFileMode(ConfigFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        (await RunAsync("hosts")).Code.ShouldBe(0, "without a token there is nothing to hide");
        await RunWithAsync(Token, "login", "--token-stdin");
        File.GetUnixFileMode(ConfigFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, "whoever logs in mends it");
        foreach (var mode in new[] { UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.GroupWrite })
        {
            File.SetUnixFileMode(ConfigFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            (await RunAsync("hosts")).ShouldBe(new(2, "",
                $"hactl: {ConfigFile}: others can read it, and it holds a token: chmod 600 {ConfigFile}, and replace the token if they may have read it\n"));
        }
        plane.Admin.Authorizations.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_does_not_go_over_a_network_in_plain_text()
    {
        _variables["HACTL_TOKEN"] = Token;
        (await RunAsync("hosts", "--endpoint", "http://10.0.0.1:7443")).ShouldBe(new(2, "",
            "hactl: --endpoint http://10.0.0.1:7443: a token would go over the network for everybody to read: write https://10.0.0.1:7443\n"));
    }

    [Fact]
    public async Task A_file_that_is_none_is_told()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(ConfigFile)!);
        await File.WriteAllTextAsync(ConfigFile, "{ nonsense", TestContext.Current.CancellationToken);
        var run = await RunAsync("hosts");
        run.Code.ShouldBe(2);
        run.Error.ShouldStartWith($"hactl: {ConfigFile}: not valid: ");
    }

    private Task<FakeControlPlane.Outcome> RunAsync(params string[] arguments) => RunWithAsync("", arguments);

    private async Task<FakeControlPlane.Outcome> RunWithAsync(string input, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var bytes = new MemoryStream();
        using var stdin = new StringReader(input);
        var surroundings = new Surroundings(
            stdin, output, error, FakeControlPlane.Time, name => name == "HOME" ? _home.FullName : _variables.GetValueOrDefault(name))
        {
            Bytes = bytes,
        };
        var code = await Hactl.RunAsync(arguments, surroundings, TestContext.Current.CancellationToken);
        return new(code, output + Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }
}
