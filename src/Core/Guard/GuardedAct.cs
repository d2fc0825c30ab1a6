namespace HaGrpc.Core.Guard;

/// <summary>What operators can ask for that the guard knows.</summary>
public enum GuardedAct
{
    /// <summary>Programs are started.</summary>
    Start,

    /// <summary>Programs are stopped.</summary>
    Stop,

    /// <summary>All programs of a group are stopped, or of several.</summary>
    StopGroup,

    /// <summary>Programs are restarted.</summary>
    Restart,

    /// <summary>All programs there are are restarted.</summary>
    RestartAll,

    /// <summary>A group goes to another host.</summary>
    Switchover,

    /// <summary>A group goes to a host that is known not to be ready for it.</summary>
    SwitchoverUnready,

    /// <summary>All groups leave a host.</summary>
    Drain,

    /// <summary>A host is switched off, or said to be off.</summary>
    Fence,

    /// <summary>Nobody speaks for a host any more.</summary>
    Revoke,

    /// <summary>What somebody else runs is taken over.</summary>
    Adopt,

    /// <summary>The same, although who ran it would still do something about it.</summary>
    AdoptForced,

    /// <summary>Something shall not move by itself.</summary>
    Lock,

    /// <summary>A group or a host's groups may move by themselves again.</summary>
    Unlock,

    /// <summary>Everything may move by itself again.</summary>
    UnlockAll,

    /// <summary>Something is registered or changed.</summary>
    Apply,

    /// <summary>Processes of a program are registered anew, some at a time.</summary>
    Update,

    /// <summary>What a manifest does not name is removed.</summary>
    Prune,

    /// <summary>Something is removed.</summary>
    Delete,

    /// <summary>Something is registered as it was.</summary>
    Rollback,

    /// <summary>Going back removes what has been registered since.</summary>
    RollbackRemoving,

    /// <summary>Somebody is let in or sent away.</summary>
    Operators,

    /// <summary>The policy is changed.</summary>
    Policy,
}
