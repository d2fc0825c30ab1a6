using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class PeerAddressTests
{
    [Theory]
    [InlineData("10.0.0.1:7444", "10.0.0.1", 7444)]
    [InlineData("[fd00::1]:7444", "fd00::1", 7444)]
    [InlineData("db1.example.org:1", "db1.example.org", 1)]
    [InlineData(":65535", "", 65535)]
    public void What_is_written_is_read(string text, string host, int port)
    {
        PeerAddress.Parse(text).ShouldBe(new(host, port));
        PeerAddress.Parse(text)!.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a:")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("a:+1")]
    [InlineData("fd00::1:7444")]
    [InlineData("[fd00::1:7444")]
    [InlineData("[]:7444")]
    [InlineData("[a]:7444")]
    [InlineData("[fe80::1%eth0]:7444")]
    [InlineData("[::]:7444")]
    [InlineData("0.0.0.0:7444")]
    [InlineData("http://a:7444")]
    [InlineData("a b:7444")]
    public void What_nobody_could_reach_is_refused(string text) => PeerAddress.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("127.0.0.1:1", true)]
    [InlineData("[::1]:1", true)]
    [InlineData("localhost:1", true)]
    [InlineData("10.0.0.1:1", false)]
    [InlineData(":1", false)]
    public void An_address_that_only_the_host_itself_reaches_is_known(string text, bool loopback) =>
        PeerAddress.Parse(text)!.IsLoopback.ShouldBe(loopback);
}
