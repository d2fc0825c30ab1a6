namespace HaGrpc.Lab.World;

/// <summary>A process of a host that can be ended and started again, as its service manager would.</summary>
internal interface IStartable
{
    /// <summary>For people, for example "agent of A".</summary>
    string Name { get; }

    /// <summary>The running process, or the last one that ran.</summary>
    LabProcess Process { get; }

    bool Runs { get; }

    /// <summary>Starts it; it must not run.</summary>
    void Start();
}
