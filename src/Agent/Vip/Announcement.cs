using System.Runtime.InteropServices;

namespace HaGrpc.Agent.Vips;

/// <summary>The ten packets that announce one VIP, and one after each interval from then on. Ends by itself: after the last, or when the
/// lease is over.</summary>
internal sealed class Announcement : IDisposable
{
    /// <summary>How many packets come at the beginning.</summary>
    public const int First = PerRound * Rounds;

    private const int PerRound = 5;
    private const int Rounds = 2;
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RoundPause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Func<int, int> _send;
    private readonly IDisposable? _socket;
    private readonly ITimer _timer;
    private int _sent;
    private bool _over;

    /// <summary>Prepares; nothing is sent yet.</summary>
    /// <param name="time">Paces the packets.</param>
    /// <param name="mayAct">Asked right before every packet (rule L7).</param>
    /// <param name="interval">From the tenth packet on; zero: ten are all.</param>
    /// <param name="send">Sends the n-th packet and returns an errno or 0.</param>
    /// <param name="socket">Closed when it is over.</param>
    public Announcement(TimeProvider time, Func<bool> mayAct, TimeSpan interval, Func<int, int> send, IDisposable? socket)
    {
        MayAct = mayAct;
        Interval = interval;
        _send = send;
        _socket = socket;
        _timer = time.CreateTimer(_ => Step(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The permission it was started with.</summary>
    public Func<bool> MayAct { get; }

    /// <summary>The interval it was started with.</summary>
    public TimeSpan Interval { get; }

    /// <summary>Sends the first packet and plans the others.</summary>
    /// <returns>Empty, or why it could not be sent.</returns>
    public string Start()
    {
        int errno = Step();
        return errno == 0 ? "" : Marshal.GetPInvokeErrorMessage(errno);
    }

    /// <summary>Sends one packet out of turn, when it may.</summary>
    public void Again()
    {
        lock (_lock)
        {
            if (!_over && MayAct())
                _ = _send(PerRound);
        }
    }

    /// <summary>When it returns, nothing is sent any more.</summary>
    public void Dispose()
    {
        lock (_lock)
            End();
    }

    private int Step()
    {
        lock (_lock)
        {
            if (_over || !MayAct())
            {
                End();
                return 0;
            }

            // A link that is down fails every packet; it is announced anew when it comes back.
            int errno = _send(_sent);
            _sent++;
            if (_sent < First)
                _timer.Change(_sent % PerRound == 0 ? RoundPause : Spacing, Timeout.InfiniteTimeSpan);
            else if (Interval > TimeSpan.Zero)
                _timer.Change(Interval, Timeout.InfiniteTimeSpan);
            else
                End();
            return errno;
        }
    }

    private void End()
    {
        if (_over)
            return;
        _over = true;
        _timer.Dispose();
        _socket?.Dispose();
    }
}
