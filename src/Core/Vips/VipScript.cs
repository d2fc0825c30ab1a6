using HaGrpc.Core.Model;

namespace HaGrpc.Core.Vips;

/// <summary>
/// The script of one VIP on one host (docs/adr/0018): claimed when the host becomes the owner, again until that went well, checked from then
/// on, released when the host gives it up. One run at a time. No lease depends on anything here. Pure; not safe for several threads.
/// </summary>
public sealed class VipScript
{
    /// <summary>How long a claim may take: a cloud's API answers late when it is busy, and it is tried again.</summary>
    public static readonly TimeSpan ClaimTimeout = TimeSpan.FromSeconds(30);

    /// <summary>From the end of one check to the next.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);

    /// <summary>How long a check may take.</summary>
    public static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(10);

    /// <summary>After a first failed claim; twice as long after each further one.</summary>
    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    /// <summary>The longest of these waits.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private Phase _phase = Phase.Idle;
    private ScriptVerb? _running;
    private ScriptVerb? _next;
    private TimeSpan _releaseTimeout;
    private int _failures;
    private bool _isTried;

    private enum Phase
    {
        Idle,
        Claiming,
        Claimed,
        Releasing,
    }

    /// <summary>When <see cref="TimePassed"/> is due.</summary>
    public BootInstant NextWake { get; private set; } = BootInstant.Never;

    /// <summary>What its last run said when that left the address unclaimed, for people; empty while it is claimed, or nobody has failed.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>The host acts as owner.</summary>
    /// <param name="perhapsClaimed">True after a restart of the agent, and when the configuration has changed: it is checked first.</param>
    /// <param name="effects">What is to be done, in order.</param>
    public void Take(bool perhapsClaimed, List<ScriptEffect> effects)
    {
        (_phase, _failures, _isTried, Trouble) = (Phase.Claiming, 0, false, "");
        _told.Clear();
        Begin(perhapsClaimed ? ScriptVerb.Check : ScriptVerb.Claim, "this host was promoted", effects);
    }

    /// <summary>The host is about to give it up.</summary>
    /// <param name="timeout">How long the release may take.</param>
    /// <param name="effects">What is to be done, in order.</param>
    public void Give(TimeSpan timeout, List<ScriptEffect> effects)
    {
        if (_phase == Phase.Idle)
        {
            effects.Add(new ReleaseTried());
            return;
        }
        (_phase, _releaseTimeout, Trouble) = (Phase.Releasing, timeout, "");
        Begin(ScriptVerb.Release, "the group is being given up", effects);
    }

    /// <summary>The lease is over.</summary>
    /// <param name="effects">What is to be done, in order.</param>
    public void End(List<ScriptEffect> effects)
    {
        (_phase, _next, NextWake, Trouble) = (Phase.Idle, null, BootInstant.Never, "");
        if (_running is not null)
            effects.Add(new CutScript("the lease is over"));
    }

    /// <summary>What ran is over.</summary>
    /// <param name="succeeded">Exit code 0.</param>
    /// <param name="words">How it ended and what it wrote, for people.</param>
    /// <param name="now">Now.</param>
    /// <param name="effects">What is to be done, in order.</param>
    public void Ended(bool succeeded, string words, BootInstant now, List<ScriptEffect> effects)
    {
        var verb = _running;
        _running = null;
        if (_next is { } next)
        {
            _next = null;
            Begin(next, "", effects);
            return;
        }
        switch (_phase, verb)
        {
            case (Phase.Releasing, _):
                _phase = Phase.Idle;
                if (!succeeded)
                    effects.Add(new TellScript("VipReleaseFailed", words));
                effects.Add(new ReleaseTried());
                break;
            case (Phase.Claiming or Phase.Claimed, ScriptVerb.Check):
                Checked(succeeded, words, now, effects);
                break;
            case (Phase.Claiming or Phase.Claimed, ScriptVerb.Claim):
                Claimed(succeeded, words, now, effects);
                break;
            default:
                break;
        }
    }

    /// <summary><see cref="NextWake"/> may have come.</summary>
    /// <param name="now">Now.</param>
    /// <param name="effects">What is to be done, in order.</param>
    public void TimePassed(BootInstant now, List<ScriptEffect> effects)
    {
        if (now < NextWake)
            return;
        NextWake = BootInstant.Never;
        Begin(_phase == Phase.Claimed ? ScriptVerb.Check : ScriptVerb.Claim, "", effects);
    }

    private void Checked(bool succeeded, string words, BootInstant now, List<ScriptEffect> effects)
    {
        if (!succeeded)
        {
            // After a restart nobody has said that it should be there.
            if (_phase == Phase.Claimed)
            {
                Trouble = words;
                TellOnce("VipCheckFailed", words, effects);
            }
            Begin(ScriptVerb.Claim, "", effects);
            return;
        }
        (_phase, Trouble) = (Phase.Claimed, "");
        _told.Clear();
        NextWake = now + CheckInterval;
        Tried(effects);
    }

    private void Claimed(bool succeeded, string words, BootInstant now, List<ScriptEffect> effects)
    {
        if (succeeded)
        {
            (_phase, _failures, Trouble) = (Phase.Claimed, 0, "");
            NextWake = now + CheckInterval;
            TellOnce("VipClaimed", words, effects);
        }
        else
        {
            (_phase, Trouble) = (Phase.Claiming, words);
            NextWake = now + TimeSpan.FromTicks(Math.Min(LongestWait.Ticks, FirstWait.Ticks << Math.Min(_failures, 10)));
            _failures++;
            _ = _told.Remove("VipClaimed");
            TellOnce("VipClaimFailed", words, effects);
        }
        Tried(effects);
    }

    private void Begin(ScriptVerb verb, string why, List<ScriptEffect> effects)
    {
        NextWake = BootInstant.Never;
        if (_running is not null)
        {
            if (_next is null)
                effects.Add(new CutScript(why));
            _next = verb;
            return;
        }
        _running = verb;
        effects.Add(new RunScript(verb, verb switch
        {
            ScriptVerb.Claim => ClaimTimeout,
            ScriptVerb.Check => CheckTimeout,
            _ => _releaseTimeout,
        }));
    }

    private void Tried(List<ScriptEffect> effects)
    {
        if (!_isTried)
            effects.Add(new ClaimTried());
        _isTried = true;
    }

    /// <summary>A trouble that lasts is told once, and again after a check has gone well.</summary>
    private void TellOnce(string kind, string words, List<ScriptEffect> effects)
    {
        if (_told.Add(kind))
            effects.Add(new TellScript(kind, words));
    }
}
