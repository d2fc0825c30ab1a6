using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using HaGrpc.Ctl.Connection;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class FailureTests
{
    [Theory]
    [InlineData("status", 4)]
    [InlineData("hosts", 7)]
    [InlineData("start g:p", 7)]
    [InlineData("switchover g", 7)]
    public async Task Nobody_there_names_the_endpoint_and_what_to_check(string command, int code)
    {
        var run = await FakeControlPlane.RunAtAsync(UnusedUrl(), "", command.Split(' '));
        run.Error.ShouldStartWith("hactl: cannot connect to http://127.0.0.1:");
        run.Error.ShouldContain("connection refused. Is ha-controlplane running there");
        run.Code.ShouldBe(code);
    }

    [Theory]
    [InlineData(StatusCode.FailedPrecondition, "hactl: refused: group web is locked", 1)]
    [InlineData(StatusCode.NotFound, "hactl: refused: group web is locked", 1)]
    [InlineData(StatusCode.InvalidArgument, "hactl: group web is locked", 2)]
    [InlineData(StatusCode.PermissionDenied, "hactl: not allowed: group web is locked", 1)]
    public async Task A_refusal_is_told_with_its_reason(StatusCode status, string error, int code)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnSwitchover = _ => throw new RpcException(new(status, "group web is locked"));
        var run = await plane.RunAsync("switchover", "web");
        run.Error.ShouldBe(error + "\n");
        run.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_control_plane_that_cannot_do_it_now_counts_as_not_reached()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnPrograms = _ => throw new RpcException(new(StatusCode.Unavailable, "not the leader; that is cp2"));
        var run = await plane.RunAsync("status");
        run.Error.ShouldBe($"hactl: the control plane at {plane.Url} cannot do it now: not the leader; that is cp2\n");
        run.Code.ShouldBe(4);
    }

    /// <summary>A server that refuses a client after the handshake: its end is seen in one of several ways, whichever comes first.</summary>
    [Theory]
    [InlineData(SocketError.ConnectionReset)]
    [InlineData(SocketError.Shutdown)]
    [InlineData(SocketError.ConnectionAborted)]
    public void A_connection_that_was_made_and_cut_is_no_matter_of_routes(SocketError how)
    {
        var cut = new HttpRequestException("no answer", new IOException("Unable to write data to the transport connection", new SocketException((int)how)));
        var failure = new RpcException(new Status(StatusCode.Unavailable, "Error starting gRPC call.", cut));
        var (isUnreachable, _, message) = CallFailure.Explain(failure, new("https://cp:7443", null, null, null));
        isUnreachable.ShouldBeTrue();
        message.ShouldStartWith("https://cp:7443 ended the connection: ");
        message.ShouldEndWith(". It probably asks for a client certificate: give --tls-cert and --tls-key");
    }

    [Fact]
    public async Task TLS_against_a_plain_listener_is_explained()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await FakeControlPlane.RunAtAsync(plane.Url.Replace("http:", "https:", StringComparison.Ordinal), "", "hosts");
        run.Error.ShouldMatch("^hactl: cannot connect to https://127.0.0.1:[0-9]+: what answers there does not speak TLS\\. Write http://");
        run.Code.ShouldBe(7);
    }

    [Fact]
    public async Task One_that_takes_connections_and_says_nothing_is_told_as_that()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
        var run = await FakeControlPlane.RunAtAsync(url, "", "hosts").WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        run.Error.ShouldBe($"hactl: {url} takes connections and does not answer: ha-controlplane hangs, or something else listens there. If it speaks TLS, write https://\n");
        run.Code.ShouldBe(7);
    }

    [Theory]
    [InlineData("hagrpc1op.a.b\nc")]
    [InlineData("hagrpc1op.a b")]
    [InlineData("令牌")]
    public void A_token_that_is_none_is_told_before_it_is_sent(string token) =>
        new HaGrpc.Ctl.Connection.Endpoint("http://127.0.0.1:1", null, null, null) { Token = token }.Problem()
            .ShouldBe("the token (HACTL_TOKEN, or of the context) has blanks, line ends or other characters that no token has");

    [Theory]
    [InlineData("bogus", "hactl: 'bogus' is no command; known are apply, diff, export,")]
    [InlineData("stat", "hactl: 'stat' is no command; did you mean status?")]
    [InlineData("hosts -o xml", "hactl: Argument 'xml' not recognized. Must be one of: 'table' 'wide' 'json' 'yaml' 'jsonl'")]
    [InlineData("tail web:http -o yaml", "hactl: --output yaml: this comes line by line: write json")]
    [InlineData("events -n abc", "hactl: -n abc: must be 0 to 10000\n")]
    [InlineData("events -n 10001", "hactl: -n 10001: must be 0 to 10000\n")]
    [InlineData("hosts --bogus", "Unrecognized command or argument '--bogus'.")]
    [InlineData("stop web --raeson disk", "hactl: '--raeson' is no option of stop; did you mean --reason?\n")]
    [InlineData("restart web --dry-run", "hactl: '--dry-run' is no option of restart; a name that begins with a hyphen stands behind --\n")]
    [InlineData("history -x", "hactl: '-x' is no option of history;")]
    [InlineData("program set web:http --prority=5", "hactl: '--prority=5' is no option of set;")]
    [InlineData("apply", "Option '--file' is required.")]
    [InlineData("hosts --endpoint 10.0.0.1", "not a URL such as http://127.0.0.1:7443")]
    [InlineData("hosts --endpoint http://10.0.0.1:7443,10.0.0.2 --endpoint ftp://x", "hactl: --endpoint 10.0.0.2: not a URL such as http://127.0.0.1:7443 or https://ha.example:7443\nhactl: --endpoint ftp://x: not a URL")]
    [InlineData("hosts --endpoint http://10.0.0.1 --tls-ca /dev/null", "TLS files are given, but http is without TLS: write https://10.0.0.1")]
    [InlineData("hosts --endpoint https://10.0.0.1 --tls-cert /dev/null", "--tls-cert and --tls-key belong together")]
    [InlineData("hosts --endpoint https://10.0.0.1 --tls-ca /nonexistent", "--tls-ca /nonexistent: no such file")]
    public async Task A_wrong_command_line_is_exit_code_2(string line, string error)
    {
        var run = await FakeControlPlane.RunAtAsync(UnusedUrl(), "", line.Split(' '));
        run.Error.ShouldContain(error);
        run.Code.ShouldBe(2);
    }

    [Fact]
    public async Task What_stands_behind_two_hyphens_is_a_name()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnPrograms = request => new() { Unmatched = { request.Selectors } };
        var run = await plane.RunAsync("status", "--", "-x");
        (run.Code, run.Out).ShouldBe((4, "-x: ERROR (no such group)\n"));
    }

    [Fact]
    public async Task No_command_names_those_that_there_are()
    {
        var run = await FakeControlPlane.RunAtAsync(UnusedUrl(), "");
        run.Error.ShouldStartWith("hactl: a command is missing; known are apply, diff, export,");
        run.Code.ShouldBe(2);
    }

    [Theory]
    [InlineData("help", "switchover <GROUP>")]
    [InlineData("help status", "Show programs: state, pid, uptime, host.")]
    public async Task Help_is_a_word_too(string line, string shown)
    {
        var run = await FakeControlPlane.RunAtAsync(UnusedUrl(), "", line.Split(' '));
        run.Out.ShouldContain(shown);
        (run.Code, run.Error).ShouldBe((0, ""));
    }

    [Fact]
    public async Task Version_needs_nobody()
    {
        var run = await FakeControlPlane.RunAtAsync(UnusedUrl(), "", "version");
        run.Code.ShouldBe(0);
        run.Out.ShouldStartWith("0.");
    }

    // No port that was free a moment ago: another test may have it by now.
    private static string UnusedUrl() => "http://127.0.0.1:1";
}
