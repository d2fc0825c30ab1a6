namespace HaGrpc.Core.Hooks;

/// <summary>A moment in the life of a group on one host at which hooks may run.</summary>
public enum HookOccasion
{
    /// <summary>It has a lease, addresses and routes are there, and no program was started yet.</summary>
    Taking,

    /// <summary>It is the owner, and every program was started or has failed to.</summary>
    Taken,

    /// <summary>A planned change has begun: programs are about to stop.</summary>
    Giving,

    /// <summary>Its epoch is over.</summary>
    Given,

    /// <summary>As <see cref="Given"/>, because the agent is to stop.</summary>
    Stopped,

    /// <summary>Its epoch has to end although nobody asked for that.</summary>
    Failed,

    /// <summary>It cannot run the group; whether it goes on as owner is not known.</summary>
    Unfit,

    /// <summary>It is a member that does not own the group, and none of this was said since the boot or the last stop.</summary>
    StandingBy,
}
