using HaGrpc.Agent.Handover;
using HaGrpc.Core.Handover;

namespace HaGrpc.Functional.Tests.Handover;

/// <summary>Reading what keepalived is configured for, files and what they include.</summary>
public sealed class RivalReadingTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hagrpc-rival-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_is_included_counts_and_circles_end()
    {
        Write("/etc/k.conf", "include k.d/*.conf\ninclude /etc/none/*.conf\nvirtual_ipaddress { 10.0.0.1 }\n");
        Write("/etc/k.d/a.conf", "include ../k.conf\nvirtual_ipaddress { 10.0.0.2/24 }\n");
        Write("/etc/k.d/b.txt", "virtual_ipaddress { 10.0.0.3 }\n");
        Write("/etc/k.d/c.conf", "include /etc/k.conf\n");
        var read = RivalReading.In(_root, "/etc/k.conf");
        read.Doubt.ShouldBe("");
        read.Addresses.Distinct().ShouldBe(["10.0.0.1", "10.0.0.2"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("include gone.conf\n", "/etc/gone.conf is no file that can be read, or there are too many")]
    [InlineData("include */a.conf\n", "/etc/k.conf includes /etc/*/a.conf")]
    [InlineData("virtual_ipaddress { $VIP }\n", "/etc/k.conf has variables among its addresses")]
    [InlineData("", "/etc/k.conf is no file that can be read, or there are too many")]
    public void What_cannot_be_followed_is_a_doubt(string text, string doubt)
    {
        Write("/etc/k.conf", text);
        RivalReading.In(_root, "/etc/k.conf").Doubt.ShouldBe(doubt);
    }

    [Fact]
    public void Others_are_told_by_their_command_lines()
    {
        var head = new ProcessFact(10, 10, 1, "ucarp", 0, ["ucarp", "--interface=eth0", "--addr=10.0.0.9", "-s", "10.0.0.2"]);
        RivalReading.Of(new(head, [10])).Addresses.ShouldBe(["10.0.0.9", "10.0.0.2"]);
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root + path)!);
        File.WriteAllText(_root + path, text);
    }
}
