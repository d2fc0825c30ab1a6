namespace HaGrpc.Shim.Output;

/// <summary>What could not be done with a log file, though nothing was lost by it.</summary>
internal enum LogFault
{
    None,
    Open,
    Rotate,
    Compress,
}

/// <summary>Remembers what could not be done, each kind once. Written by the writer's thread, read by both.</summary>
internal sealed class Faults
{
    private long _last;
    private int _known;
    private bool _isNew;

    /// <summary>The last one, with its errno; 0 for an errno that there is not.</summary>
    public (LogFault Fault, int Error) Last
    {
        get
        {
            var last = Volatile.Read(ref _last);
            return ((LogFault)(last >> 32), (int)last);
        }
    }

    /// <summary>The name of a fault in a record.</summary>
    public static ReadOnlySpan<byte> NameOf(LogFault fault) => fault switch
    {
        LogFault.Open => "open"u8,
        LogFault.Rotate => "rotate"u8,
        _ => "compress"u8,
    };

    /// <summary>Something could not be done.</summary>
    public void Add(LogFault fault, int error)
    {
        if ((_known & (1 << (int)fault)) != 0)
            return;
        _known |= 1 << (int)fault;
        Volatile.Write(ref _last, ((long)fault << 32) | (uint)error);
        _isNew = true;
    }

    /// <summary>True once for each that is new. Writer's thread.</summary>
    public bool Take()
    {
        var isNew = _isNew;
        _isNew = false;
        return isNew;
    }
}
