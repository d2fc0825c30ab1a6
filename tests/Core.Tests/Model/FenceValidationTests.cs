using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class FenceValidationTests
{
    private static readonly FenceDevice Good = new(
        "fence_ipmilan", FenceAction.Off, TimeSpan.FromMinutes(1), Options(("ip", "10.0.0.9"), ("username", "ops"), ("password_script", "/etc/ha/pw.sh")));

    [Fact]
    public void A_correct_one_is_taken_at_its_bounds_too()
    {
        Errors(Good).ShouldBeEmpty();
        Errors(Good with { Timeout = TimeSpan.FromSeconds(1), Options = Options() }).ShouldBeEmpty();
        Errors(Good with { Timeout = TimeSpan.FromMinutes(10), Action = FenceAction.Reboot }).ShouldBeEmpty();
        Errors(Good with { Options = Options(("passwd_script", "/etc/ha/pw"), ("identity_file", "/etc/ha/key"), ("plug", "a b=c")) }).ShouldBeEmpty();
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once() =>
        Errors(new FenceDevice("/bin/sh", FenceAction.Off, TimeSpan.Zero, Options(
            ("ip", "10.0.0.9\nip=10.0.0.10"), ("Plug", "1"), ("action", "on"), ("ipmitool_path", "/bin/sh"), ("passwd_script", "../pw")))).ShouldBe(
            [
                "hosts[0].fence.agent: /bin/sh: must be the bare name of a fence agent: fence_ and then a to z, 0 to 9 and _, such as fence_ipmilan",
                "hosts[0].fence.timeout: 0s: must be 1s to 10m",
                "hosts[0].fence.options.Plug: the name of an option has a to z, 0 to 9 and _ only, 63 of them at most",
                "hosts[0].fence.options.action: what the agent shall do is the field action beside the options",
                "hosts[0].fence.options.ip: 10.0.0.9\nip=10.0.0.10: must not contain control characters: take out the line break at position 9",
                "hosts[0].fence.options.ipmitool_path: it chooses what is run or written on the control plane's host: set it there, not in a manifest",
                "hosts[0].fence.options.passwd_script: ../pw: must be the absolute path of a script on the control plane's host, without . and ..",
            ]);

    [Theory]
    [InlineData("fence_")]
    [InlineData("fence_x/../../bin/sh")]
    [InlineData("ipmilan")]
    [InlineData("fence_X")]
    [InlineData("")]
    public void Only_the_bare_name_of_a_fence_agent_is_one(string agent) => Errors(Good with { Agent = agent }).Length.ShouldBe(1);

    /// <summary>And it is not repeated.</summary>
    [Theory]
    [InlineData("password")]
    [InlineData("passwd")]
    [InlineData("snmp_priv_passwd")]
    [InlineData("secret_key")]
    [InlineData("token")]
    public void A_secret_is_refused_with_what_to_do_instead(string option) =>
        Errors(Good with { Options = Options((option, "hunter2")) }).ShouldBe(
            [
                $"hosts[0].fence.options.{option}: a secret must not lie in the database: give password_script (or passwd_script), a script on the "
                + "control plane's host that prints the password",
            ]);

    [Fact]
    public void A_group_that_requires_fencing_needs_a_device_of_each_host()
    {
        var group = Sample.Group with { Fencing = Fencing.Required };
        Sample.Errors(new ModelSet([new("a") { Fence = Good }, new("b") { Fence = Good }], [group], [])).ShouldBeEmpty();
        Sample.Errors(new ModelSet([new("a") { Fence = Good }, new("b")], [group], [])).ShouldBe(
            [
                "groups[0].members[1].host: b: it has no fence device, and the group has fencing: required: give the host a fence, or set "
                + "fencing: off",
            ]);
        Sample.Errors(new ModelSet([], [group], []), new ModelSet([new("a") { Fence = Good }, new("b") { Fence = Good }], [], [])).ShouldBeEmpty();
    }

    [Fact]
    public void A_host_does_not_lose_the_device_that_a_group_requires()
    {
        var stored = new ModelSet([new("a") { Fence = Good }, new("b") { Fence = Good }], [Sample.Group with { Fencing = Fencing.Required }], []);
        Sample.Errors(new ModelSet([new("b")], [], []), stored).ShouldBe(
            ["hosts[0].fence: must be given: it is a member of web, with fencing: required"]);
        Sample.Errors(new ModelSet([new("b")], [Sample.Group], []), stored).ShouldBeEmpty("the group requires it no more");
    }

    [Fact]
    public void Devices_are_the_same_when_their_options_are()
    {
        (Good with { Options = Options(("b", "2"), ("a", "1")) }).ShouldBe(Good with { Options = Options(("a", "1"), ("b", "2")) });
        (Good with { Options = Options(("a", "1")) }).ShouldNotBe(Good with { Options = Options(("a", "2")) });
    }

    private static ImmutableSortedDictionary<string, string> Options(params (string Name, string Value)[] options) =>
        options.ToImmutableSortedDictionary(o => o.Name, o => o.Value, StringComparer.Ordinal);

    private static ImmutableArray<string> Errors(FenceDevice device) => Sample.Errors(new ModelSet([new("a") { Fence = device }], [], []));
}
