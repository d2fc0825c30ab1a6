using HaGrpc.Core.Handover;

namespace HaGrpc.Core.Tests.Handover;

/// <summary>What keepalived's configuration says of addresses.</summary>
public sealed class KeepalivedTextTests
{
    [Fact]
    public void Only_blocks_that_put_addresses_on_interfaces_count()
    {
        var text = KeepalivedText.Of(
            """
            ! virtual_ipaddress { 10.0.0.1 }
            include conf.d/*.conf
            vrrp_instance A {
                unicast_peer { 10.0.0.2 }
                virtual_ipaddress {
                    10.0.0.3/24 dev eth0 label eth0:1   # 10.0.0.4
                    @west 10.0.0.5
                }
                virtual_ipaddress_excluded
                {
                    FD00:0::6/64
                }
                track_script { look }
            }
            static_ipaddress { 10.0.0.7/24 dev eth0 }
            virtual_server 10.0.0.8 80 { real_server 10.0.0.9 80 { weight 1 } }
            """);
        text.Addresses.ShouldBe(["10.0.0.3", "10.0.0.5", "fd00::6", "10.0.0.7"]);
        text.Includes.ShouldBe(["conf.d/*.conf"]);
        text.HasVariables.ShouldBeFalse();
    }

    [Theory]
    [InlineData("virtual_ipaddress { $NET.9 }", true)]
    [InlineData("virtual_ipaddress { 10.0.0.~SEQ(i, 1, 9) }", true)]
    [InlineData("vrrp_script x { script \"test $A\" }\nvirtual_ipaddress { 10.0.0.9 }", false)]
    public void Variables_matter_among_addresses(string text, bool matters) => KeepalivedText.Of(text).HasVariables.ShouldBe(matters);

    [Theory]
    [InlineData("keepalived", "/etc/keepalived/keepalived.conf")]
    [InlineData("keepalived --dont-fork --log-console", "/etc/keepalived/keepalived.conf")]
    [InlineData("keepalived -n -f /a.conf", "/a.conf")]
    [InlineData("keepalived -Dnf /a.conf", "/a.conf")]
    [InlineData("keepalived -f/a.d/k", "/a.d/k")]
    [InlineData("keepalived --use-file=/a.conf", "/a.conf")]
    [InlineData("keepalived --use-file /a.conf", "/a.conf")]
    [InlineData("keepalived -f a.conf", null)]
    [InlineData("keepalived -Df/a.conf", null)]
    public void Its_command_line_tells_its_file(string line, string? file) => RivalConfiguration.FileOf([.. line.Split(' ')]).ShouldBe(file);
}
