using System.Buffers.Binary;
using System.Net;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Observation;

/// <summary>One answer of a host's kernel: it was given between sending the question and reading the answer.</summary>
internal readonly record struct Answer(long Asked, long Read);

/// <summary>
/// Asks a host "who has the VIP?" by ARP every two milliseconds over the wire that no fault cuts, and notes the answers:
/// whether the host would answer the network for the VIP at that instant, whatever its agent believes.
/// </summary>
internal sealed class AnswerObserver : IDisposable
{
    private const ushort EtherTypeArp = 0x0806;
    private const long IntervalNanoseconds = 2_000_000;

    private readonly LabHost _host;
    private readonly IPAddress _vip;
    private readonly NamespaceThread _thread;
    private readonly Lock _gate = new();
    private readonly List<Answer> _answers = [];

    public AnswerObserver(LabHost host, string vip)
    {
        _host = host;
        _vip = IPAddress.Parse(vip);
        _thread = NamespaceThread.Start(null, $"answers of {host.Name}", Ask);
    }

    public string Host => _host.Name;

    /// <summary>All answers since the last <see cref="Clear"/>, in order.</summary>
    public IReadOnlyList<Answer> Answers
    {
        get
        {
            lock (_gate)
                return [.. _answers];
        }
    }

    /// <summary>Forgets what is older than an instant.</summary>
    public void Clear(long before)
    {
        lock (_gate)
            _answers.RemoveAll(a => a.Asked < before);
    }

    public void Dispose() => _thread.Dispose();

    private void Ask(Action ready, CancellationToken stop)
    {
        using var socket = KernelSocket.Packet(Topology.AuditWire(_host), EtherTypeArp);
        var question = Question();
        var buffer = new byte[256];
        ready();
        for (var next = BootClock.Nanoseconds; !stop.IsCancellationRequested; next = Math.Max(next + IntervalNanoseconds, BootClock.Nanoseconds))
        {
            Libc.WaitUntil(next);
            var asked = BootClock.Nanoseconds;
            if (!socket.Send(question) || !socket.WaitReadable(1))
                continue;
            do
            {
                var length = socket.Receive(buffer);
                if (IsAnswer(buffer.AsSpan(0, length)))
                {
                    lock (_gate)
                        _answers.Add(new(asked, BootClock.Nanoseconds));
                }
            }
            while (socket.WaitReadable(0));
        }
    }

    /// <summary>An ARP request (RFC 826), broadcast, from the auditor's own address.</summary>
    private byte[] Question()
    {
        var frame = new byte[42];
        frame.AsSpan(0, 6).Fill(0xff);
        byte[] mac = [0x02, 0, 0, 0, 1, (byte)_host.Number];
        mac.CopyTo(frame, 6);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), EtherTypeArp);
        byte[] header = [0, 1, 8, 0, 6, 4, 0, 1];
        header.CopyTo(frame, 14);
        mac.CopyTo(frame, 22);
        byte[] sender = [169, 254, (byte)_host.Number, 1];
        sender.CopyTo(frame, 28);
        _vip.GetAddressBytes().CopyTo(frame, 38);
        return frame;
    }

    private bool IsAnswer(ReadOnlySpan<byte> frame) =>
        frame.Length >= 42 && frame[21] == 2 && frame[28..32].SequenceEqual(_vip.GetAddressBytes());
}
