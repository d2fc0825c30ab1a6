using HaGrpc.Core.Model;
using HaGrpc.Core.Watchdogs;

namespace HaGrpc.Core.Tests.Watchdogs;

/// <summary>
/// A host that owns a group, loses it and gets it again, with a watchdog that bites: answers are late or lost, wakes are late, ends take
/// their time. While the host lives it is never reset; when it hangs, it is reset before another one may act. Instants are milliseconds.
/// </summary>
public sealed class WatchdogOfAHostTests
{
    private const int LatestWake = 4;

    public static TheoryData<string> Profiles => ["default", "calm", "fast"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_host_that_lives_is_not_reset_and_one_that_hangs_is_reset_in_time(string profile)
    {
        var timing = profile switch { "calm" => GroupTiming.Calm, "fast" => GroupTiming.Fast, _ => GroupTiming.Default };
        var (lapses, pets, inTime) = (0, 0, WatchdogTimeout.IsInTime(1, timing.Ttl, timing));
        for (var seed = 1; seed <= 200; seed++)
        {
            var host = new Host(timing, new Random(seed));
            while (host.Now < 120_000)
            {
                host.Step();
                // It may hang at any instant; this one goes on.
                if (host.BitesAt is { } bite && inTime)
                    bite.ShouldBeLessThanOrEqualTo(host.OthersAt, $"seed {seed}, {host.Now} ms: {host.Story}");
            }
            lapses += host.Lapses;
            pets += host.Pets;
        }
        lapses.ShouldBeGreaterThan(200);
        pets.ShouldBeGreaterThan(2000);
    }

    private sealed class Host(GroupTiming timing, Random random)
    {
        private readonly Watchdog _watchdog = new();
        private readonly List<WatchdogEffect> _effects = [];
        private readonly PriorityQueue<long, long> _answers = new();
        private readonly long _ttl = Count(timing.Ttl), _heartbeat = Count(timing.Heartbeat), _margin = Count(timing.TakeoverMargin);
        private long _nextHeartbeat;
        private long _cutUntil;
        private long? _until;
        private long? _undoneAt;
        private long? _wakeAt;
        private long _answered;
        private int _seconds;

        public long Now { get; private set; }

        public int Lapses { get; private set; }

        public int Pets { get; private set; }

        /// <summary>When the device resets the host; null while it does not tick.</summary>
        public long? BitesAt { get; private set; }

        /// <summary>When another host may act.</summary>
        public long OthersAt { get; private set; }

        public string Story => $"lease until {_until}, end done at {_undoneAt}, reset at {BitesAt}, others act at {OthersAt}";

        /// <summary>Whatever comes next.</summary>
        public void Step()
        {
            var answer = _answers.TryPeek(out var sentAt, out var answeredAt) ? answeredAt : long.MaxValue;
            var lapse = _undoneAt is null ? _until ?? long.MaxValue : long.MaxValue;
            var (undone, wake) = (_undoneAt ?? long.MaxValue, _wakeAt ?? long.MaxValue);
            Now = new[] { _nextHeartbeat, answer, lapse, undone, wake }.Min();
            BitesAt?.ShouldBeGreaterThan(Now, $"{Now} ms: {Story}");
            if (Now == lapse)
            {
                Lapses++;
                _undoneAt = Now + random.Next((int)_margin - 15);
            }
            else if (Now == undone)
            {
                (_until, _undoneAt) = (null, null);
                Handle(new LeaseUndone("web"));
            }
            else if (Now == _nextHeartbeat)
            {
                _nextHeartbeat += _heartbeat;
                if (random.Next(40) == 0)
                    _cutUntil = Now + random.Next((int)_ttl * 3);
                if (Now >= _cutUntil && random.Next(10) > 0)
                    _answers.Enqueue(Now, Now + 1 + random.NextInt64(_heartbeat * 2));
            }
            else if (Now == answer)
            {
                _answers.Dequeue();
                if (sentAt > _answered && _undoneAt is null)
                    Renew(_answered = sentAt);
            }
            else
            {
                _wakeAt = null;
                Handle(new InstantReached());
            }
        }

        private void Renew(long sentAt)
        {
            _until = Math.Max(_until ?? 0, sentAt + _ttl);
            OthersAt = _until.Value + _margin;
            Handle(new LeaseHeld("web", At(_until.Value), timing.Ttl, timing));
        }

        private void Handle(WatchdogEvent e)
        {
            _effects.Clear();
            _watchdog.Handle(e, At(Now), _effects);
            foreach (var effect in _effects)
            {
                (_seconds, BitesAt) = effect switch
                {
                    ArmWatchdog arm => (arm.Seconds, Now + (arm.Seconds * 1000)),
                    PetWatchdog => (_seconds, Now + (_seconds * 1000)),
                    _ => (0, (long?)null),
                };
                Pets += effect is PetWatchdog ? 1 : 0;
            }
            // The machine is busy: it wakes a little late, but for no other reason a second time.
            var next = _watchdog.NextWake;
            _wakeAt = next == BootInstant.Never ? null : Math.Max(Now, (next.Nanoseconds + 999_999) / 1_000_000) + random.Next(LatestWake);
        }

        private static long Count(TimeSpan time) => (long)time.TotalMilliseconds;

        private static BootInstant At(long milliseconds) => new(milliseconds * 1_000_000);
    }
}
