using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Agent.Configuration;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.Peers;

/// <summary>The link between agents, both ends real.</summary>
public sealed class PeerLinkTests : IDisposable
{
    private readonly TestAuthority _ours = new("our authority"), _theirs = new("their authority");

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_ping_is_answered(bool encrypted)
    {
        await using var a = Peer("a", encrypted).Start();
        await using var b = Peer("b", encrypted).Start();
        RunningPeer.Acquaint(a, b);
        await a.ReachesAsync(b);
        b.Asked = (from, ping) => Task.FromResult(new PeerPromise(ping.Group, ping.Epoch, ping.Seq, ping.Instance, ping.Ttl, $"{from} asks {ping}"));

        var sent = a.Ping(7);
        a.Link.Ask("b", [sent]);

        var (who, promise) = await a.AnswerAsync();
        who.ShouldBe("b");
        promise.ShouldBe(new PeerPromise("web", 3, 7, a.Instance, TimeSpan.Zero, $"a asks {sent}"), "every field has come through");
        b.Asked = (_, ping) => Task.FromResult(new PeerPromise(ping.Group, ping.Epoch, ping.Seq, ping.Instance, ping.Ttl, ""));
        a.Link.Ask("b", [a.Ping(8, TimeSpan.FromSeconds(40))]);
        (await a.AnswerAsync()).Promise.ShouldBe(new PeerPromise("web", 3, 8, a.Instance, TimeSpan.FromSeconds(40), ""));
    }

    [Fact]
    public async Task A_certificate_for_another_name_asks_nothing()
    {
        await using var a = new RunningPeer("a", RunningPeer.Tls(_ours, "mallory")).Start();
        await using var b = Peer("b", true).Start();
        RunningPeer.Acquaint(a, b);
        await b.Log.SaysAsync("that says it is a: the certificate is for mallory, not for host 'a'");
        await a.Log.SaysAsync("The agent of b does not answer at " + b.EndPoint + ": PermissionDenied: the certificate is for mallory, not for host 'a'");
    }

    [Fact]
    public async Task A_certificate_for_another_name_answers_nothing()
    {
        await using var a = Peer("a", true).Start();
        await using var c = Peer("c", true).Start();
        a.Learn(("b", c.EndPoint.ToString()));
        c.Learn(("a", a.EndPoint.ToString()));
        await a.Log.SaysAsync($"The agent of b does not answer at {c.EndPoint}: The remote certificate was rejected");
    }

    [Fact]
    public async Task A_certificate_of_another_authority_neither_asks_nor_answers()
    {
        await using var a = new RunningPeer("a", RunningPeer.Tls(_theirs, "a")).Start();
        await using var b = Peer("b", true).Start();
        RunningPeer.Acquaint(a, b);
        await a.Log.SaysAsync($"The agent of b does not answer at {b.EndPoint}: The remote certificate was rejected");
        await b.Log.SaysAsync($"The agent of a does not answer at {a.EndPoint}: The remote certificate was rejected");
    }

    [Fact]
    public async Task Whoever_means_another_host_or_is_no_fellow_is_refused()
    {
        await using var b = Peer("b", false).Start();
        b.Learn(("a", ""));
        using var channel = GrpcChannel.ForAddress($"http://{b.EndPoint}");
        await b.Log.SaysAsync("Agents of other hosts are answered at");
        (await RefusedAsync(channel, "a", "c")).ShouldBe((StatusCode.FailedPrecondition, "this is host 'b', not 'c': the address belongs to another one by now"));
        (await RefusedAsync(channel, "x", "b")).ShouldBe((StatusCode.PermissionDenied, "host 'x' shares no group with 'b', as far as it knows"));
        (await new PeerService.PeerServiceClient(channel).PromiseAsync(Request("a", "b"))).Host.ShouldBe("b");
    }

    [Fact]
    public async Task Pings_that_nobody_answers_stop_no_later_ones()
    {
        // Time stands still: however long asking takes here, no ping is doubted and none goes over a second connection.
        await using var a = new RunningPeer("a") { Time = new FakeTimeProvider() };
        await using var b = Peer("b", false).Start();
        b.Learn(("a", ""));
        await b.Log.SaysAsync("Agents of other hosts are answered at");
        a.Start().Learn(("b", b.EndPoint.ToString()));
        await a.ReachesAsync(b);
        var hung = new TaskCompletionSource<PeerPromise>();
        var answer = b.Asked;
        b.Asked = (from, ping) => ping.Seq <= 50 ? hung.Task : answer(from, ping);

        for (var seq = 1; seq <= 51; seq++)
            a.Link.Ask("b", [a.Ping(seq)]);

        (await a.AnswerAsync()).Promise.Seq.ShouldBe(51);
        a.HasAnswer.ShouldBeFalse();
    }

    /// <summary>Time moves only when it is told to: nothing else than the second ping replaces the connection.</summary>
    [Theory]
    [InlineData(400, 66, 67)]
    [InlineData(5000, 250, 251)]
    public async Task A_second_ping_goes_over_a_connection_of_its_own_when_the_first_one_is_not_answered(int ttl, int tooSoon, int late)
    {
        var time = new FakeTimeProvider();
        await using var a = new RunningPeer("a") { Time = time };
        await using var b = Peer("b", false).Start();
        b.Learn(("a", ""));
        await b.Log.SaysAsync("Agents of other hosts are answered at");
        await using var way = new BlackHole(b.EndPoint);
        a.Start().Learn(("b", way.EndPoint.ToString()));
        await a.Log.SaysAsync($"The agent of b answers at {way.EndPoint}");
        var length = TimeSpan.FromMilliseconds(ttl);
        await way.SwallowAsync();

        a.Link.Ask("b", [a.Ping(1, length)]);
        time.Advance(TimeSpan.FromMilliseconds(tooSoon));
        a.Link.Ask("b", [a.Ping(2, length)]);
        way.Accepted.ShouldBe(1, "it may be on its way");
        time.Advance(TimeSpan.FromMilliseconds(late - tooSoon));
        a.Link.Ask("b", [a.Ping(3, length)]);

        (await a.AnswerAsync()).Promise.Seq.ShouldBe(3);
        way.Accepted.ShouldBe(2);
    }

    [Fact]
    public async Task What_a_doubted_connection_still_answers_is_taken()
    {
        var time = new FakeTimeProvider();
        await using var a = new RunningPeer("a") { Time = time };
        await using var b = Peer("b", false).Start();
        b.Learn(("a", ""));
        await b.Log.SaysAsync("Agents of other hosts are answered at");
        a.Start().Learn(("b", b.EndPoint.ToString()));
        await a.ReachesAsync(b);
        TaskCompletionSource given = new();
        var answer = b.Asked;
        b.Asked = async (from, ping) =>
        {
            if (ping.Seq == 1)
                await given.Task;
            return await answer(from, ping);
        };
        a.Link.Ask("b", [a.Ping(1)]);
        time.Advance(TimeSpan.FromSeconds(1));
        a.Link.Ask("b", [a.Ping(2)]);
        await a.ReachesAsync(b, times: 2);
        (await a.AnswerAsync()).Promise.Seq.ShouldBe(2);

        given.SetResult();

        // The second went over the new connection as well, and the connections do not wait for each other.
        long[] rest = [(await a.AnswerAsync()).Promise.Seq, (await a.AnswerAsync()).Promise.Seq];
        rest.ShouldBe([1, 2], ignoreOrder: true);
    }

    [Fact]
    public async Task A_late_answer_is_none()
    {
        var time = new FakeTimeProvider();
        await using var a = new RunningPeer("a") { Time = time };
        await using var b = Peer("b", false).Start();
        b.Learn(("a", ""));
        await b.Log.SaysAsync("Agents of other hosts are answered at");
        a.Start().Learn(("b", b.EndPoint.ToString()));
        await a.ReachesAsync(b);
        TaskCompletionSource reached = new(), given = new();
        var answer = b.Asked;
        b.Asked = async (from, ping) =>
        {
            if (ping.Seq == 1)
            {
                reached.SetResult();
                await given.Task;
            }
            return await answer(from, ping);
        };
        a.Link.Ask("b", [a.Ping(1, TimeSpan.FromSeconds(1))]);
        await reached.Task.WaitAsync(Until.Bound);
        time.Advance(TimeSpan.FromSeconds(1));

        given.SetResult();
        a.Link.Ask("b", [a.Ping(2)]);

        // It goes over a second connection as well, because the first ping was not answered, so its answer may come twice.
        (await a.AnswerAsync()).Promise.Seq.ShouldBe(2);
        await a.ReachesAsync(b, times: 2);
        a.Link.Ask("b", [a.Ping(3)]);
        var last = 2L;
        while (last < 3)
        {
            last = (await a.AnswerAsync()).Promise.Seq;
            last.ShouldNotBe(1, "it came after its time");
        }
    }

    /// <summary>Time stands still here: what connects is not the end of a pause.</summary>
    [Fact]
    public async Task A_host_that_is_heard_is_dialled_without_a_pause()
    {
        await using var a = new RunningPeer("a") { Time = new FakeTimeProvider() };
        await using var b = new RunningPeer("b");
        a.Start().Learn(("b", b.EndPoint.ToString()));
        await a.Log.SaysAsync("The agent of b does not answer at");
        b.Start();
        await b.Log.SaysAsync("Agents of other hosts are answered at");
        b.Learn(("a", a.EndPoint.ToString()));
        await a.ReachesAsync(b);
    }

    [Fact]
    public async Task Addresses_outlive_the_agent_and_a_configuration_that_leaves_them_out()
    {
        await using var a = Peer("a", false).Start();
        await using var b = Peer("b", false).Start();
        RunningPeer.Acquaint(a, b);
        a.Learn(("b", ""));
        await a.StopAsync();
        var before = a.Log.Lines.Count(l => l.Contains("The agent of b answers", StringComparison.Ordinal));

        a.Start();

        await a.ReachesAsync(b, times: before + 1);
        a.Link.Ask("b", [a.Ping(1)]);
        (await a.AnswerAsync()).From.ShouldBe("b");
    }

    [Fact]
    public async Task One_that_left_the_group_is_still_asked()
    {
        await using var a = Peer("a", false).Start();
        await using var b = Peer("b", false).Start();
        RunningPeer.Acquaint(a, b);
        await a.ReachesAsync(b);
        a.Learn();

        a.Link.Ask("b", [a.Ping(1)]); // Dials again.
        await a.ReachesAsync(b, times: 2);
        a.Link.Ask("b", [a.Ping(2)]);

        (await a.AnswerAsync()).From.ShouldBe("b");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_comes_back_is_reached_again(bool encrypted)
    {
        await using var a = Peer("a", encrypted).Start();
        await using var b = Peer("b", encrypted).Start();
        RunningPeer.Acquaint(a, b);
        await a.ReachesAsync(b);
        await b.StopAsync();
        await a.Log.SaysAsync($"The agent of b does not answer at {b.EndPoint}: ");

        b.Start();

        await a.ReachesAsync(b, times: 2);
        a.Link.Ask("b", [a.Ping(1)]);
        (await a.AnswerAsync()).From.ShouldBe("b");
    }

    [Fact]
    public async Task One_that_moves_is_reached_where_it_is()
    {
        await using var a = Peer("a", false).Start();
        await using var before = Peer("b", false).Start();
        await using var b = Peer("b", false).Start();
        RunningPeer.Acquaint(a, before);
        await a.ReachesAsync(before);
        RunningPeer.Acquaint(a, b);
        await a.ReachesAsync(b);
        before.Asked = (_, _) => throw new InvalidOperationException("the old address is asked");
        a.Link.Ask("b", [a.Ping(1)]);
        (await a.AnswerAsync()).From.ShouldBe("b");
    }

    [Fact]
    public async Task Whoever_has_the_address_by_now_is_not_taken_for_the_host_that_was_asked()
    {
        await using var a = Peer("a", false).Start();
        await using var b = Peer("b", false).Start();
        RunningPeer.Acquaint(a, b);
        a.Learn(("b", b.EndPoint.ToString()), ("c", b.EndPoint.ToString()));
        await a.Log.SaysAsync($"The agent of c does not answer at {b.EndPoint}: FailedPrecondition: this is host 'b', not 'c'");
        await a.ReachesAsync(b);
        a.Link.Ask("c", [a.Ping(1)]);
        a.Link.Ask("b", [a.Ping(2)]);
        (await a.AnswerAsync()).ShouldBe(("b", new PeerPromise("web", 3, 2, a.Instance, Until.Bound, "")));
        a.HasAnswer.ShouldBeFalse();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_once_and_taken_when_it_is_free()
    {
        await using var a = Peer("a", false).Start();
        await using var b = Peer("b", false);
        var other = new TcpListener(b.EndPoint);
        other.Start();
        b.Start();
        RunningPeer.Acquaint(a, b);
        await b.Log.SaysAsync($"Error: Agents of other hosts cannot be answered at {b.EndPoint}: ");
        await b.ReachesAsync(a); // It asks meanwhile.
        other.Stop();

        await b.Log.SaysAsync($"Agents of other hosts are answered at {b.EndPoint}");
        await a.ReachesAsync(b);
        a.Link.Ask("b", [a.Ping(1)]);
        (await a.AnswerAsync()).From.ShouldBe("b");
        b.Log.Lines.Count(l => l.Contains("cannot be answered", StringComparison.Ordinal)).ShouldBe(1);
        b.Events().ShouldBe(["FailsafeLost", "FailsafeRestored"]);
    }

    [Fact]
    public async Task A_damaged_book_is_told_and_written_anew()
    {
        await using var a = Peer("a", false).Start();
        await using var b = Peer("b", false).Start();
        await a.StopAsync();
        File.WriteAllText(a.BookFile, "{\"b\": ");
        a.Start();
        await a.Log.SaysAsync($"{a.BookFile} could not be read: ");
        RunningPeer.Acquaint(a, b);
        await a.StopAsync();
        File.ReadAllText(a.BookFile).ShouldContain(b.EndPoint.ToString());
    }

    private static PromiseRequest Request(string from, string to) => new() { Host = from, To = to, InstanceId = Guid.NewGuid().ToString() };

    private static async Task<(StatusCode, string)> RefusedAsync(GrpcChannel channel, string from, string to)
    {
        var refused = await Should.ThrowAsync<RpcException>(async () => await new PeerService.PeerServiceClient(channel).PromiseAsync(Request(from, to)));
        return (refused.StatusCode, refused.Status.Detail);
    }

    private RunningPeer Peer(string host, bool encrypted) => new(host, encrypted ? RunningPeer.Tls(_ours, host) : (TlsFiles?)null);
}
