using HaGrpc.Core.Model;
using HaGrpc.Core.Vips;

namespace HaGrpc.Core.Tests.Vips;

/// <summary>When a VIP's script is called for what.</summary>
public sealed class VipScriptTests
{
    private static readonly RunScript
        Claim = new(ScriptVerb.Claim, VipScript.ClaimTimeout), Check = new(ScriptVerb.Check, VipScript.CheckTimeout),
        Release = new(ScriptVerb.Release, TimeSpan.FromSeconds(2));

    private readonly VipScript _script = new();
    private BootInstant _now = new(1_000_000_000);

    [Fact]
    public void A_claim_that_goes_well_is_checked_every_ten_seconds()
    {
        Do(e => _script.Take(false, e)).ShouldBe([Claim]);
        End(true).ShouldBe([Tell("VipClaimed"), new ClaimTried()]);
        for (var i = 0; i < 3; i++)
        {
            Pass(VipScript.CheckInterval - TimeSpan.FromMilliseconds(1)).ShouldBeEmpty();
            Pass(TimeSpan.FromMilliseconds(1)).ShouldBe([Check]);
            End(true).ShouldBeEmpty();
        }
    }

    [Fact]
    public void A_claim_that_fails_is_tried_again_after_waits_that_double_up_to_half_a_minute()
    {
        Do(e => _script.Take(false, e));
        End(false).ShouldBe([Tell("VipClaimFailed"), new ClaimTried()]);
        foreach (var wait in (int[])[1, 2, 4, 8, 16, 30, 30])
        {
            _script.NextWake.ShouldBe(_now + TimeSpan.FromSeconds(wait));
            Pass(TimeSpan.FromSeconds(wait)).ShouldBe([Claim]);
            End(false).ShouldBeEmpty("it was told once, and nobody waits any more");
        }
        Pass(VipScript.LongestWait).ShouldBe([Claim]);
        End(true).ShouldBe([Tell("VipClaimed")]);
    }

    [Fact]
    public void What_leaves_it_unclaimed_is_known_until_it_is_claimed_or_not_wanted_any_more()
    {
        Do(e => _script.Take(false, e));
        _script.Trouble.ShouldBeEmpty("nothing has failed yet");
        End(false);
        _script.Trouble.ShouldBe("words");
        Pass(VipScript.FirstWait);
        _script.Trouble.ShouldBe("words", "it is only being tried again");
        End(true);
        _script.Trouble.ShouldBeEmpty();
        Pass(VipScript.CheckInterval);
        End(false);
        _script.Trouble.ShouldBe("words", "a check has failed");
        End(true);
        _script.Trouble.ShouldBeEmpty();
        Pass(VipScript.CheckInterval);
        End(false);
        Do(_script.End);
        _script.Trouble.ShouldBeEmpty();
    }

    [Fact]
    public void A_check_that_fails_is_told_and_claimed_again()
    {
        Do(e => _script.Take(false, e));
        End(true);
        Pass(VipScript.CheckInterval);
        End(false).ShouldBe([Tell("VipCheckFailed"), Claim]);
        End(true).ShouldBeEmpty("that it is claimed was told");
        Pass(VipScript.CheckInterval);
        End(false).ShouldBe([Claim], "a trouble that lasts is told once");
        End(true);
        Pass(VipScript.CheckInterval);
        End(true);
        Pass(VipScript.CheckInterval);
        End(false).ShouldBe([Tell("VipCheckFailed"), Claim], "a good check was between them");
    }

    [Fact]
    public void After_a_restart_it_is_checked_and_claimed_only_if_it_is_not_there()
    {
        Do(e => _script.Take(true, e)).ShouldBe([Check]);
        End(true).ShouldBe([new ClaimTried()]);

        Do(e => _script.Take(true, e)).ShouldBe([Check]);
        End(false).ShouldBe([Claim], "nobody has claimed it since the boot");
        End(true).ShouldBe([Tell("VipClaimed"), new ClaimTried()]);
    }

    [Fact]
    public void A_release_makes_an_end_of_what_runs()
    {
        Do(e => _script.Take(false, e));
        Do(e => _script.Give(Release.Timeout, e)).ShouldBe([new CutScript("the group is being given up")]);
        End(false).ShouldBe([Release]);
        End(false).ShouldBe([Tell("VipReleaseFailed"), new ReleaseTried()]);
        Pass(TimeSpan.FromHours(1)).ShouldBeEmpty();
    }

    [Fact]
    public void What_was_never_claimed_is_not_released() => Do(e => _script.Give(Release.Timeout, e)).ShouldBe([new ReleaseTried()]);

    [Fact]
    public void With_the_lease_everything_ends_and_a_new_one_begins_afresh()
    {
        Do(e => _script.Take(false, e));
        Do(_script.End).ShouldBe([new CutScript("the lease is over")]);
        Do(e => _script.Take(false, e)).ShouldBe([new CutScript("this host was promoted")], "the old run has not ended yet");
        End(false).ShouldBe([Claim]);
        End(true).ShouldBe([Tell("VipClaimed"), new ClaimTried()]);
        Do(_script.End).ShouldBeEmpty();
        Pass(VipScript.CheckInterval).ShouldBeEmpty();
    }

    private static TellScript Tell(string kind) => new(kind, "words");

    private List<ScriptEffect> End(bool succeeded) => Do(e => _script.Ended(succeeded, "words", _now, e));

    private List<ScriptEffect> Pass(TimeSpan time)
    {
        _now += time;
        return Do(e => _script.TimePassed(_now, e));
    }

    private static List<ScriptEffect> Do(Action<List<ScriptEffect>> act)
    {
        var effects = new List<ScriptEffect>();
        act(effects);
        return effects;
    }
}
