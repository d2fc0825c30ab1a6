namespace HaGrpc.Linux.Processes;

/// <summary>What /proc/PID/stat says of a process (proc_pid_stat(5)).</summary>
/// <param name="Pid">Process id.</param>
/// <param name="State">One letter, for example <c>R</c>, <c>S</c>, <c>T</c> (stopped), <c>Z</c> (zombie).</param>
/// <param name="ParentPid">Process id of the parent.</param>
/// <param name="Session">Session id.</param>
/// <param name="StartTime">Clock ticks since boot when it started.</param>
public readonly unsafe record struct ProcessStatus(int Pid, char State, int ParentPid, int Session, long StartTime)
{
    /// <summary>Process group id.</summary>
    public int Group { get; private init; }

    /// <summary>True for a process that is over and only waits for its parent to notice.</summary>
    public bool IsZombie => State is 'Z' or 'X';

    /// <summary>Reads a process; false when there is none with that pid.</summary>
    /// <param name="pid">Process id.</param>
    /// <param name="status">What it is.</param>
    public static bool TryRead(int pid, out ProcessStatus status)
    {
        status = default;
        var buffer = stackalloc byte[1024];
        var length = ProcFile.Read(pid, "/stat"u8, buffer, 1024);
        var text = new ReadOnlySpan<byte>(buffer, Math.Max(0, length));
        // The name in parentheses may itself hold spaces and parentheses: fields are counted from the last one.
        var at = text.LastIndexOf((byte)')') + 2;
        if (at < 2 || at >= text.Length)
            return false;
        text = text[at..];
        var state = (char)text[0];
        long parent = 0, group = 0, session = 0, start = 0;
        for (var field = 3; field <= 22 && !text.IsEmpty; field++)
        {
            if (field == 4)
                parent = Number(text);
            else if (field == 5)
                group = Number(text);
            else if (field == 6)
                session = Number(text);
            else if (field == 22)
                start = Number(text);
            var space = text.IndexOf((byte)' ');
            text = space < 0 ? default : text[(space + 1)..];
        }
        status = new ProcessStatus(pid, state, (int)parent, (int)session, start) { Group = (int)group };
        return true;
    }

    private static long Number(ReadOnlySpan<byte> text)
    {
        long value = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                break;
            value = (value * 10) + digit - '0';
        }
        return value;
    }
}
