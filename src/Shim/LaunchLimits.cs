using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// The limits that the child puts on itself before it gives up its privileges: oom_score_adj, nice and setrlimit(2). Laid out before the
/// fork, for the child allocates nothing.
/// </summary>
internal readonly unsafe struct LaunchLimits
{
    private readonly Resource* _resources;
    private readonly int _count;
    private readonly byte* _nice;
    private readonly byte* _oomScoreAdj;

    /// <param name="spec">What to run.</param>
    public LaunchLimits(Spec spec)
    {
        _nice = spec.Find("nice="u8);
        _oomScoreAdj = spec.Find("oom="u8);
        var records = spec.All("rlimit="u8, out _count);
        _resources = (Resource*)Libc.malloc((nuint)((_count + 1) * sizeof(Resource)));
        for (var i = 0; i < _count; i++)
        {
            var text = records[i];
            _resources[i].Number = (int)Number(ref text);
            _resources[i].Limit.Soft = Number(ref text);
            _resources[i].Limit.Hard = Number(ref text);
            _resources[i].Text = text;
        }
    }

    /// <summary>What was to be set when a step failed, or null.</summary>
    /// <param name="failure">The failed step.</param>
    public byte* TextOf(LaunchFailure failure) => failure.Step switch
    {
        LaunchStep.OomScore => _oomScoreAdj,
        LaunchStep.Nice => _nice,
        LaunchStep.Rlimit when failure.Item < _count => _resources[failure.Item].Text,
        _ => null,
    };

    /// <summary>Sets them, in the child.</summary>
    /// <param name="item">Which of the resource limits failed.</param>
    public LaunchStep Apply(ref int item)
    {
        if (_oomScoreAdj is not null && !Write(Spec.Name("/proc/self/oom_score_adj\0"u8), _oomScoreAdj))
            return LaunchStep.OomScore;
        if (_nice is not null)
        {
            if (Libc.setpriority(0, 0, Signed(_nice)) != 0)
                return LaunchStep.Nice;
            // The child leads a session: where the kernel groups by session, nice counts only inside it, and the group has one of its own.
            _ = Write(Spec.Name("/proc/self/autogroup\0"u8), _nice);
        }
        for (item = 0; item < _count; item++)
        {
            if (Libc.prlimit(0, _resources[item].Number, &_resources[item].Limit, null) != 0)
                return LaunchStep.Rlimit;
        }
        return LaunchStep.None;
    }

    private static bool Write(byte* path, byte* text)
    {
        var fd = Libc.open(path, Libc.O_WRONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
            return false;
        var length = 0;
        while (text[length] != 0)
            length++;
        var written = Libc.write(fd, text, length);
        var error = Libc.Errno;
        _ = Libc.close(fd);
        Libc.Errno = error;
        return written == length;
    }

    // Also the kernel's word for unlimited, in which every bit is set.
    private static ulong Number(ref byte* text)
    {
        var value = 0UL;
        for (; *text is >= (byte)'0' and <= (byte)'9'; text++)
            value = (value * 10) + *text - '0';
        if (*text == (byte)' ')
            text++;
        return value;
    }

    private static int Signed(byte* text)
    {
        var isNegative = *text == (byte)'-';
        if (isNegative)
            text++;
        var value = (int)Number(ref text);
        return isNegative ? -value : value;
    }

    private struct Resource
    {
        public int Number;
        public Libc.ResourceLimit Limit;
        public byte* Text;
    }
}
