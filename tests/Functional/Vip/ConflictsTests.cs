using System.Net.NetworkInformation;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.Vips;

/// <summary>How often another machine's claim is answered (RFC 5227 section 2.4) and told.</summary>
public sealed class ConflictsTests
{
    private static readonly Vip Vip = new("192.0.2.50/32", "eth0"), OtherVip = new("192.0.2.51/32", "eth0");
    private static readonly PhysicalAddress Mac = PhysicalAddress.Parse("02:00:00:00:00:09");
    private readonly FakeTimeProvider _time = new();
    private readonly Conflicts _conflicts;

    public ConflictsTests() => _conflicts = new(_time);

    [Fact]
    public void The_first_claim_is_answered_and_told_with_address_interface_and_mac()
    {
        var answer = _conflicts.Note(Vip, Mac);
        answer.Defend.ShouldBeTrue();
        answer.Tell.ShouldContain("192.0.2.50/32 on eth0 is claimed by 02:00:00:00:00:09 too");
    }

    [Fact]
    public void A_vip_is_defended_once_in_ten_seconds_however_many_claim_it()
    {
        _conflicts.Note(Vip, Mac).Defend.ShouldBeTrue();
        _time.Advance(Conflicts.DefendInterval - TimeSpan.FromMilliseconds(1));
        _conflicts.Note(Vip, PhysicalAddress.Parse("02:00:00:00:00:0a")).Defend.ShouldBeFalse();
        _conflicts.Note(OtherVip, Mac).Defend.ShouldBeTrue("each VIP for itself");
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _conflicts.Note(Vip, Mac).Defend.ShouldBeTrue();
    }

    [Fact]
    public void What_lasts_is_told_once_a_minute_with_its_age_and_number()
    {
        _conflicts.Note(Vip, Mac);
        _time.Advance(TimeSpan.FromSeconds(59));
        _conflicts.Note(Vip, Mac).Tell.ShouldBe("");
        _time.Advance(TimeSpan.FromSeconds(1));
        _conflicts.Note(Vip, Mac).Tell.ShouldContain("still claimed by 02:00:00:00:00:09 too, since 60 s, seen 3 times");
    }

    [Fact]
    public void What_was_quiet_for_long_is_told_as_new()
    {
        _conflicts.Note(Vip, Mac);
        _time.Advance(Conflicts.ForgetAfter);
        _conflicts.Note(Vip, Mac).Tell.ShouldContain("is claimed by");
    }

    [Fact]
    public void A_stranger_with_many_macs_fills_neither_memory_nor_history()
    {
        var told = Enumerable.Range(0, 1000).Count(i => _conflicts.Note(Vip, new([2, 0, 0, 1, (byte)(i >> 8), (byte)i])).Tell.Length > 0);
        told.ShouldBe(Conflicts.MostOthers);
    }

    [Fact]
    public void A_vip_that_is_no_more_is_forgotten()
    {
        _conflicts.Note(Vip, Mac);
        _conflicts.KeepOnly(new HashSet<Vip> { OtherVip });
        _conflicts.Note(Vip, Mac).Tell.ShouldContain("is claimed by");
    }
}
