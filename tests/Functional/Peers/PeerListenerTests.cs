using System.Collections;
using System.Net;
using HaGrpc.Agent.Configuration;

namespace HaGrpc.Functional.Tests.Peers;

/// <summary>The options of the link between agents.</summary>
public sealed class PeerListenerTests
{
    [Fact]
    public void Without_a_certificate_nothing_is_heard_unless_plain_text_is_allowed()
    {
        var closed = Read(out _)!.Peers;
        (closed.Listen, closed.Advertised).ShouldBe((null, ""));
        closed.Off.ShouldStartWith("it would be plain text: give --tls-cert");

        var open = Read(out _, "--allow-plaintext")!.Peers;
        open.ShouldBe(new(new IPEndPoint(IPAddress.IPv6Any, 7444), ":7444", ""));
    }

    [Fact]
    public void What_is_given_is_taken()
    {
        Read(out _, "--peer-listen", "127.0.0.1:9000")!.Peers.ShouldBe(new(new IPEndPoint(IPAddress.Loopback, 9000), ":9000", ""));
        Read(out _, "--allow-plaintext", "--peer-listen=10.0.0.1:9000", "--peer-address=db1:9001")!.Peers
            .ShouldBe(new(IPEndPoint.Parse("10.0.0.1:9000"), "db1:9001", ""));
        Read(out _, "--allow-plaintext", "--peer-listen", "off")!.Peers.ShouldBe(PeerListener.None);
    }

    [Fact]
    public void Mistakes_are_told_at_once()
    {
        Read(out var errors, "--peer-listen", "b:7444", "--peer-address", "b:70000").ShouldBeNull();
        errors.ShouldBe(
        [
            "--peer-listen: 'b:7444' is neither an address with a port nor off; right would be 0.0.0.0:7444 or [::]:7444",
            "--peer-address: 'b:70000' is neither HOST:PORT nor :PORT; right would be 10.0.0.1:7444, [fd00::1]:7444 or :7444",
        ]);
        Read(out errors, "--peer-listen", "10.0.0.1:7444").ShouldBeNull();
        errors.Single().ShouldStartWith("--peer-listen: '10.0.0.1:7444' would take and give promises in plain text: give --tls-cert and --tls-key");
        Read(out errors, "--peer-listen", "off", "--peer-address", ":7444").ShouldBeNull();
        errors.ShouldBe(["--peer-address: nobody answers at ':7444': --peer-listen is off"]);
    }

    private static AgentOptions? Read(out List<string> errors, params string[] more)
    {
        errors = [];
        return OptionsReader.Read(["--control-plane", "http://127.0.0.1:9", "--shim", "/bin/true", .. more], new Hashtable(), errors);
    }
}
